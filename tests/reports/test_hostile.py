"""A board of strangers' runs: what their files say is text, whatever it says."""

import json
import os

import pytest

from gen_models.reports.finished import read
from gen_models.reports.grouping import board
from gen_models.reports.page import write_page
from gen_models.reports.tables import comma_separated

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


def test_no_cell_is_a_formula(hostile):
    lines = comma_separated(board([read(hostile)])).splitlines()
    assert not any(cell.startswith(("=", "+", "@", '"=')) for line in lines for cell in line.split(","))
