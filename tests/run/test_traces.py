"""A directory that a run has used and another one takes: nothing of the first is shown as the second's."""

import shutil

import pytest

from gen_models.errors import UsageError
from gen_models.reports.finished import read
from gen_models.run import traces as module
from gen_models.run.traces import check_run_place, traces
from gen_models.run.wandb_logger import IDENTITY

JOB = ["model=vae", "network=mlp", "objective=psnr_of_reconstructions", "log_every=1"]
RICH = ["callbacks=averages", "logger=tensorboard", "callbacks.grids.every=1"]


def files(run):
    return {path for path in run.rglob("*") if path.is_file() and path.name != ".lock"}


def test_the_list_holds_all_that_a_run_writes(run_job):
    run = run_job(*JOB, *RICH, "turns=2")
    assert {path.parent.name for path in files(run)} >= {
        "averages",
        "checkpoints",
        "evaluation",
        "samples",
        "tensorboard",
    }
    assert files(run) == {path for path in traces(run) if path.is_file()}


def test_nothing_of_a_run_is_left_to_one_that_begins_in_its_place(run_job):
    run = run_job(*JOB, *RICH, "turns=4")
    before = files(run)
    (run / IDENTITY).write_text("abc")
    (run / "wandb" / "offline-run-1-abc").mkdir(parents=True)
    own = [run / name for name in ("notes.md", "samples/notes.txt", "export/model.safetensors", "pictures/samples.png")]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    run_job(*JOB, "turns=1", "resume=never")
    seen = read(run)
    assert (seen.turn, {row["turn"] for row in seen.history}) == (1, {1})
    assert [drawn.turn for drawn in seen.strip] == []
    assert {path.name for path in files(run) & before} >= {"config.yaml", "metrics.csv"}, "written anew"
    assert files(run) - set(own) == {path for path in traces(run) if path.is_file()}
    assert not [path for path in files(run) if "0004" in path.name or path.parent.name in ("averages", "tensorboard")]
    assert not [path for path in (run / IDENTITY, *run.glob("wandb/*")) if path.exists()]
    assert all(path.read_text() == "mine" for path in own)


def test_a_run_whose_checkpoints_are_gone_begins_with_nothing_else_either(run_job):
    run = run_job(*JOB, "turns=4")
    shutil.rmtree(run / "checkpoints")
    run_job(*JOB, "turns=1", "model.beta=2")
    assert (read(run).turn, read(run).config["model.beta"]) == (1, 2)


def test_what_is_refused_leaves_the_run_before_as_it_was(run_job):
    run = run_job(*JOB, "callbacks=averages", "turns=2")
    (run / IDENTITY).write_text("abc")
    before = {path: path.read_bytes() for path in files(run)}
    with pytest.raises(UsageError, match="the watch can't look"):
        run_job(*JOB, "callbacks=averages", "turns=3", "resume=never", "log_every=2", "callbacks.watch.every=3")
    assert {path: path.read_bytes() for path in files(run)} == before


def test_a_folder_of_another_program_is_left_alone(run_job, tmp_path):
    own = tmp_path / "run" / "samples" / "cat.png"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"mine")
    run_job(*JOB, "turns=1", "callbacks.grids.every=0", "resume=never")
    assert own.read_bytes() == b"mine"


def test_what_can_not_be_removed_is_named(run_job, monkeypatch):
    run_job(*JOB, "turns=1")

    def refusing(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "remove", refusing)
    with pytest.raises(UsageError, match="of the run before, can't be removed .Permission denied.: remove it, or"):
        run_job(*JOB, "turns=1", "resume=never")


@pytest.mark.parametrize("run", ["one/run", "board/avatars/gan-1"])
def test_a_folder_of_runs_is_none_itself(tmp_path, run):
    made = tmp_path / run
    made.mkdir(parents=True)
    check_run_place(tmp_path)
    (made / "versions.json").write_text("{}")
    for folder in (tmp_path, made.parent):
        with pytest.raises(UsageError, match=f"{folder} is a folder of runs, such as {made}: name a directory"):
            check_run_place(folder)
    check_run_place(made)
    check_run_place(made.parent / "new")
    for place in (made / "samples", made / "checkpoints" / "new", made / "gan-digits" / "seed=1"):
        with pytest.raises(UsageError, match=f"{place} lies in {made}, which is a run itself: choose another run="):
            check_run_place(place)


def test_a_command_that_names_a_folder_of_runs_makes_nothing_there(run_job, tmp_path):
    run_job(*JOB, "turns=1", run=tmp_path / "study" / "run")
    before = files(tmp_path)
    with pytest.raises(UsageError, match="study is a folder of runs"):
        run_job(*JOB, "turns=1", run=tmp_path / "study")
    assert files(tmp_path) == before
