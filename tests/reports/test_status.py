"""What can be said of a run from the outside."""

import json
import sys
from dataclasses import asdict

import pytest
from filelock import FileLock

from gen_models.cli import main
from gen_models.reports.status import statuses
from gen_models.run.outcome import Finish

RECORD = {"metric": "FID", "value": 12.0}


@pytest.fixture
def run(tmp_path):
    def made(name, *, finish=None, error=None, rows=("50,3200,640,",), options="turns: 200\nimages: null\n"):
        folder = tmp_path / "runs" / name
        (folder / ".hydra").mkdir(parents=True)
        (folder / ".hydra" / "config.yaml").write_text(options + "objective: fid\n")
        (folder / "config.yaml").write_text("turns: 50\n")  # of the first of two processes
        (folder / ".lock").touch()
        (folder / "metrics.csv").write_text("\n".join(["turn,images,images/s,fid", *rows]))
        if finish:
            (folder / "finished.json").write_text(json.dumps(asdict(Finish(*finish, {}, [RECORD]))))
        if error:
            (folder / "error.txt").write_text(error)
        return folder

    return made


def test_each_state_is_told_with_its_progress(run, tmp_path):
    run("a", finish=(200, 200))
    (run("b", finish=(150, 200)) / "events.jsonl").write_text('{"message": "mode collapse"}\n')
    run("c", error="Traceback\n  File\n\nRuntimeError: no space\n")
    run("d")
    run("e", options="turns: 9\nimages: 12800\n", rows=("50,3200,640,", "100,6400,1280,25.5"))
    (tmp_path / "runs" / "f").mkdir()
    (tmp_path / "runs" / "f" / "error.txt").write_text("there is no model=x\n")
    with FileLock(tmp_path / "runs" / "e" / ".lock"):
        found = {status.run.name: status for status in statuses(tmp_path / "runs")}
    seen = {name: (s.state, s.turn, s.share, s.figure or s.error) for name, s in found.items()}
    assert seen == {
        "a": ("done", 200, 1.0, "fid 12"),
        "b": ("stopped", 150, 0.75, "fid 12"),
        "c": ("failed", 50, 0.25, "RuntimeError: no space"),
        "d": ("interrupted", 50, 0.25, ""),
        "e": ("running", 100, 0.5, "fid 25.5"),
        "f": ("failed", 0, 0.0, "there is no model=x"),
    }
    assert found["e"].speed == 20
    assert found["b"].error == "mode collapse"


def test_the_command_lists_and_counts(run, tmp_path, monkeypatch, capsys):
    def typed(folder):
        monkeypatch.setattr(sys, "argv", ["gen-models", "status", str(folder)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, "".join(capsys.readouterr())

    run("a,seed=1", finish=(200, 200))
    run("a,seed=2", error="numerically dead: [loss] became non-finite")
    code, text = typed(tmp_path / "runs")
    assert not code
    assert "a,seed=2  failed  50    25%" in text
    assert "[loss] became" in text
    assert text.splitlines()[-1] == "2 runs: 1 done, 1 failed"
    assert typed(tmp_path / "nothing") == (
        2,
        f"there is no run in {tmp_path}/nothing: name a directory, such as runs/sweep.\n",
    )
