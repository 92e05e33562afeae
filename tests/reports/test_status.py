"""What can be said of a run from the outside."""

import json
import shutil
import sys
from dataclasses import asdict

import pytest
from filelock import FileLock

from gen_models.cli import main
from gen_models.reports.status import status_of, statuses
from gen_models.run.outcome import Finish
from gen_models.run.reading import meant

RECORD = {"metric": "FID", "value": 12.0}

ALARM = '{"turn": 150, "signal": "variation", "message": "mode collapse"}'


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
    (run("b", finish=(150, 200)) / "events.jsonl").write_text(f"{ALARM}\n")
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
    assert found["b"].error == "turn 150: mode collapse"


DAMAGES = {
    "finished.json": ('{"turn": 20', "finished.json can't be read"),
    "checkpoints/manifest.json": ("[", "checkpoints/manifest.json can't be read"),
    "metrics.csv": ("turn,fid\n50,1\n\0\0,\n100,x\n", "rows of metrics.csv can't be read"),
    "config.yaml": ("\0", "config.yaml can't be read"),
    ".hydra/config.yaml": ("a: [", ".hydra/config.yaml can't be read"),
    ".hydra/overrides.yaml": ("- 'a", ".hydra/overrides.yaml can't be read"),
}


@pytest.mark.parametrize("file", DAMAGES)
def test_a_damaged_run_is_a_row_that_names_the_file(run, tmp_path, file):
    text, told = DAMAGES[file]
    run("whole", finish=(200, 200))
    place = run("torn") / file
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    if "manifest" in file:
        (place.parent / "turn-000000050.ckpt").write_bytes(b"x")
    seen = {status.run.name: (status.state, status.error) for status in statuses(tmp_path / "runs")}
    assert seen == {"whole": ("done", ""), "torn": ("damaged", f"damaged: {told}")}


def test_a_run_that_has_ended_badly_is_told_of(run, tmp_path):
    advice = ALARM.replace("mode collapse", "mode collapse; try more turns")
    (run("bad", finish=(200, 200)) / "events.jsonl").write_text(f"{advice}\n")
    over = '{"turn": 200, "signal": "variation", "message": "well", "over": true}'
    (run("mended", finish=(200, 200)) / "events.jsonl").write_text(f"{ALARM}\n{over}\n")
    assert [(seen.state, seen.remark) for seen in statuses(tmp_path / "runs")] == [
        ("done", "fid 12; turn 150: mode collapse"),
        ("done", "fid 12"),
    ]


def test_options_of_another_kind_and_half_an_alarm_are_rows(run, tmp_path):
    run("a", options="turns: 1e3x\nimages: null\n")
    (run("b", finish=(150, 200)) / "events.jsonl").write_text(ALARM + '\n{"mess')
    run("c")
    (tmp_path / "runs" / "c" / "checkpoints").mkdir()
    (tmp_path / "runs" / "c" / "checkpoints" / "manifest.json").write_text('{"format": 99, "checkpoints": []}')
    seen = [(status.state, status.error) for status in statuses(tmp_path / "runs")]
    assert seen[:2] == [
        ("damaged", "damaged: it was asked for turns=1e3x, which is no number."),
        ("stopped", "turn 150: mode collapse"),
    ]
    assert "later version of gen_models" in seen[2][1]


def test_a_finished_run_without_its_checkpoints_is_damaged_and_begins_anew(run_job):
    run = run_job("network=mlp", "turns=2")
    shutil.rmtree(run / "checkpoints")
    assert status_of(run).error == "damaged: its checkpoints are gone"
    with pytest.warns(UserWarning, match="its checkpoints are gone: it begins anew"):
        run_job("network=mlp", "turns=2")
    assert status_of(run).state == "done"


def test_a_finished_run_whose_newest_checkpoint_is_cut_is_damaged_and_goes_on(run_job):
    options = "network=mlp", "turns=4", "callbacks.checkpoint.every=2"
    run = run_job(*options)
    older, newest = sorted((run / "checkpoints").glob("*.ckpt"))
    whole = newest.read_bytes()
    newest.write_bytes(whole[:-1])
    assert (status_of(run).state, status_of(run).error) == (
        "damaged",
        f"damaged: checkpoints/{newest.name} is not whole",
    )
    with pytest.warns(UserWarning, match="passed over for that of turn 2"):
        run_job(*options)
    assert status_of(run).state == "done"
    older.unlink()  # as to make room
    assert status_of(run).state == "done"
    next((run / "checkpoints").glob("turn-000000004-*.ckpt")).unlink()
    assert status_of(run).state == "damaged"


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
    run("b\n\x1b[31m", finish=(200, 200))
    assert r"b\n\x1b[31m" in typed(tmp_path / "runs")[1]
    assert "[loss] became" in text
    assert text.splitlines()[-1] == "2 runs: 1 done, 1 failed"
    assert typed(tmp_path / "nothing") == (
        2,
        f"there is no run in {tmp_path}/nothing: name a directory, such as runs/sweep.\n",
    )


def test_a_run_that_one_may_only_read_is_told_by_what_it_holds(run, monkeypatch):
    """Its lock can't be taken, and is only looked at."""
    done, training = run("done", finish=(200, 200)), run("training")

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    with FileLock(training / ".lock"):
        monkeypatch.setattr("gen_models.reports.status.FileLock", refused)
        assert (status_of(done).state, status_of(training).state) == ("done", "running")
    assert status_of(training).state == "interrupted"


def test_what_wandb_keeps_in_a_run_is_no_run(run, tmp_path):
    folder = run("a")
    for begun in (folder, tmp_path / "runs" / "b"):  # the second was killed before its first turn
        copy = begun / "wandb" / "run-1-x" / "files" / "config.yaml"
        copy.parent.mkdir(parents=True)
        copy.touch()
        (begun / ".lock").touch()
    nested = run("a/nested")
    assert [status.run for status in statuses(tmp_path / "runs")] == [folder, nested]
    assert meant(folder) == folder
