"""A board of strangers' runs: what their files say is text, whatever it says."""

import json
import os
import sys

import pytest

from gen_models.cli import main
from gen_models.reports.finished import read
from gen_models.reports.grouping import board
from gen_models.reports.page import write_page
from gen_models.reports.tables import comma_separated, markdown

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def hostile(tmp_path):
    """A run in which every word is a payload; give its directory."""
    run = tmp_path / "run <img src=x onerror=alert(1)>"
    for folder in ("checkpoints", "samples", "evaluation", ".hydra"):
        (run / folder).mkdir(parents=True)
    words = {
        "choices": {"model": SCRIPT, "data": f"x'\"{SCRIPT}"},
        "seed": SCRIPT,
        "name": "${oc.env:SECRET}",
        SCRIPT: 1,
    }
    (run / "config.yaml").write_text(json.dumps(words))
    (run / ".hydra" / "overrides.yaml").write_text(json.dumps([f"name={SCRIPT}", "lr=${oc.env:SECRET}"]))
    record = {"metric": f"=1+1{SCRIPT}", "value": 1.0, "protocol": {"extractor": SCRIPT, "n": SCRIPT}}
    (run / "evaluation" / "turn-000009.json").write_text(json.dumps([record]))
    (run / "metrics.csv").write_text(f"turn,images,{SCRIPT},theory/{SCRIPT}\n1,64,0.5,1\n2,128,0.25,2\n")
    (tmp_path / "secret.png").write_bytes(b"the content of another file")
    os.symlink(tmp_path / "secret.png", run / "samples" / "leak-000009.png")
    (run / "samples" / f"{SCRIPT.replace('/', '_')}-000009.png").write_bytes(b"\x89PNG")
    return run


def test_no_word_of_a_run_is_html(hostile, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    page = write_page([read(hostile)], tmp_path / "report.html").read_text()
    assert SCRIPT not in page
    assert page.count("<script") == 3, "the numbers of the curves, and two scripts of this project"
    assert "script-src &#39;sha256-" in page
    assert "default-src &#39;none&#39;" in page
    assert "<img src=x" not in page
    assert "alert(1)" in page, "it is shown, as text"
    assert "hunter2" not in page


def test_no_link_is_followed_out_of_a_run(hostile):
    assert not any("leak" in kind for kind in read(hostile).pictures)


def test_no_word_commands_a_terminal(hostile, capsys):
    """Sequences that a terminal obeys: the title of its window, its clipboard, an empty screen."""
    for place, command in (("config.yaml", r"\e]52;c;eA==\a"), ("evaluation/turn-000009.json", r"\u001b[2J\u009b2J")):
        file = hostile / place
        file.write_text(file.read_text().replace(json.dumps(SCRIPT)[1:-1], command))
    (hostile / "events.jsonl").write_text('{"turn": 1, "signal": "x", "message": "\\u001b[2J", "value": 1}\n')
    (hostile / "error.txt").write_text("\x1b[2J")
    sys.argv, before = ["gen-models", "status", str(hostile.parent)], sys.argv
    with pytest.raises(SystemExit):
        main()
    sys.argv = before
    seen = read(hostile)
    words = [
        capsys.readouterr().out,
        *map(str, seen.records),
        *seen.alarms,
        *map(str, seen.config.values()),
        markdown(board([seen])),
    ]
    assert "\ufffd" in "".join(words)
    assert not any(sign in word for word in words for sign in "\x1b\x07\x9b")


def test_no_cell_is_a_formula(hostile):
    lines = comma_separated(board([read(hostile)])).splitlines()
    assert not any(cell.startswith(("=", "+", "@", '"=')) for line in lines for cell in line.split(","))
