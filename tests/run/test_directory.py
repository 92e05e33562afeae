"""Run directories: one writer, one configuration, and a way back after any end."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
import torch
from omegaconf import OmegaConf
from PIL import Image

from gen_models import load
from gen_models.errors import EXIT_RESUMABLE, UsageError
from gen_models.run.checkpoints import Store
from gen_models.run.directory import occupied
from gen_models.run.new_directory import abandon, unused, vacant
from gen_models.run.quiet import quieten
from gen_models.run.versions import commit_of, told_version
from tests.conftest import CONF
from tests.helpers import assert_same, newest

GAN = "model=sngan network=mlp data=digits trainer=cpu metrics=none logger=csv".split()
GAN += ["callbacks.checkpoint.every=5"]


def started(run, *options):
    command = [sys.executable, str(CONF.parent / "train.py"), *GAN, f"run={run}", *options]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, env=alone, start_new_session=True, **pipes)


def wait_for(condition, process):
    while not condition():
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.01)


def turns(run):
    return [entry.turn for entry in Store(run / "checkpoints").entries()]


@pytest.mark.slow
def test_interrupted_by_signals_it_continues_bit_for_bit(tmp_path):
    run, whole = tmp_path / "run", tmp_path / "whole"
    options = ["turns=150", "data.workers=1"]
    first = started(run, *options)
    wait_for(lambda: turns(run), first)
    os.killpg(first.pid, signal.SIGTERM)  # as Slurm does: the loader's worker is asked, too
    assert first.wait(300) == EXIT_RESUMABLE
    assert turns(run)[-1] < 150
    second = started(run, *options)
    before = turns(run)[-1]
    wait_for(lambda: turns(run)[-1] >= before + 20, second)
    second.kill()
    second.wait()
    for folder in (run, whole):
        process = started(folder, *options)
        assert process.wait(300) == 0, process.stdout.read()
    assert_same(newest(whole), newest(run))
    rows = (run / "metrics.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == [str(t) for t in range(50, 151, 50)]


@pytest.mark.slow
def test_a_run_directory_has_one_writer(tmp_path):
    process = started(tmp_path / "run", "turns=100000")
    wait_for(lambda: (tmp_path / "run" / "metrics.csv").exists(), process)
    with pytest.raises(UsageError, match="another process is training"), occupied(tmp_path / "run"):
        pass
    process.kill()
    process.wait()
    with occupied(tmp_path / "run"):  # the lock of a killed process is free
        pass


def test_another_configuration_does_not_continue_a_run(run_job):
    run = run_job("network=mlp", "turns=2")
    with pytest.raises(UsageError, match="was trained with model.critic_steps=1, not 2"):
        run_job("network=mlp", "turns=4", "model.critic_steps=2")
    run_job("network=mlp", "turns=4", "model.critic_steps=2", "resume=anyway")
    assert load(run).clock.moves == {"critic": 4, "generator": 3}
    assert OmegaConf.load(run / "config.yaml").model.critic_steps == 2
    last = json.loads((run / "versions.json").read_text())[-1]
    assert (last["turn"], last["changed"]["model.critic_steps"], last["changed"]["turns"]) == (2, [1, 2], [2, 4])
    run_job("network=mlp", "turns=5", "model.critic_steps=2")
    assert len(json.loads((run / "versions.json").read_text())) == 2
    run_job("network=mlp", "turns=2", "resume=never")
    assert load(run).clock.turn == 2


def test_a_run_is_not_continued_to_fewer_turns_than_it_has_played(run_job):
    run_job("model=gan", "network=mlp", "turns=2")
    for fewer in ("turns=1", "images=64"):
        with pytest.raises(UsageError, match=r"has played 2 turns already, and is to end after 1: ask for more"):
            run_job("model=gan", "network=mlp", fewer)


def test_a_model_that_is_not_of_the_newest_checkpoint_says_so(run_job):
    run = run_job("model=vae", "network=mlp", "turns=4", "callbacks.checkpoint.every=2")
    first, last = Store(run / "checkpoints").entries()
    (run / "checkpoints" / last.file).write_bytes(b"cut")
    with pytest.warns(UserWarning, match=f"{last.file} is damaged and was passed over for that of turn {first.turn}"):
        assert load(run).clock.turn == first.turn < last.turn


def test_a_run_that_has_played_its_turns_is_measured_otherwise_without_a_warning(run_job):
    run_job("model=gan", "network=mlp", "turns=1")
    with warnings.catch_warnings(record=True) as told:
        quieten()
        run_job("model=gan", "network=mlp", "turns=1", "metrics=data_space", "metrics.n=20")
    assert not [str(warning.message) for warning in told if "Total length" in str(warning.message)]


def test_weights_of_other_networks_are_refused_in_one_sentence(run_job):
    run = run_job("network=mlp", "turns=1")
    with pytest.raises(UsageError, match="are of other networks .*resume=never"):
        run_job("network=mlp", "turns=2", "network.generator.hidden=[8]", "resume=anyway")
    cfg = OmegaConf.load(run / "config.yaml")
    cfg.model.generator.hidden = [8]
    OmegaConf.save(cfg, run / "config.yaml")
    with pytest.raises(UsageError, match="are of other networks"):
        load(run)


def test_a_loaded_model_has_its_averaged_weights(run_job):
    run = run_job("model=sngan", "network=mlp", "turns=3", "+model.average.ramp=1e9", "model.average.halflife=1e6")
    averaged, raw = load(run), load(run, averaged=False)
    stored = newest(run)["model"]
    name = next(key for key in stored if key.startswith("generator.") and key.endswith("weight"))
    assert torch.equal(averaged.state_dict()[name], stored[f"averages.copies.{name}"])
    assert torch.equal(raw.state_dict()[name], stored[name])
    assert not torch.equal(averaged.state_dict()[name], raw.state_dict()[name])
    with raw.evaluating("test"):
        assert torch.equal(raw.state_dict()[name], stored[name])


def test_a_config_may_not_name_what_it_likes(run_job, tmp_path):
    run = run_job("network=mlp", "turns=1")
    cfg = OmegaConf.load(run / "config.yaml")
    for target in ("os.system", "gen_models.files.os.replace", "torch.load", "builtins.eval"):
        cfg.model.prior = {"_target_": target}
        cfg.plugins = ["os", "builtins"]
        OmegaConf.save(cfg, run / "config.yaml")
        with pytest.raises(UsageError, match="may not name"):
            load(run)


@pytest.mark.slow
def test_two_processes_train_one_model(run_job, tmp_path):
    options = ["model=ae", "network=mlp", "turns=20"]  # without noise, which differs from rank to rank
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    quick = ["data=digits", "metrics=none", "logger=csv", "trainer=ddp_cpu", f"run={tmp_path}/two"]
    command = [sys.executable, "train.py", *options, *quick]
    done = subprocess.run(command, cwd=CONF.parent, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    one, two = (load(run, averaged=False) for run in (run_job(*options), tmp_path / "two"))
    assert one.clock == two.clock
    for value, other in zip(one.parameters(), two.parameters(), strict=True):
        torch.testing.assert_close(other, value, rtol=1e-3, atol=1e-4)
    assert turns(tmp_path / "two") == [19, 20]  # the one before figures are taken, lest these be asked to end


@pytest.mark.slow
def test_two_runs_of_one_second_have_directories_of_their_own(tmp_path, monkeypatch):
    """Both commands are given the same clock; each trains to its end where no other does."""
    options = [*GAN, "turns=1", f"paths.runs={tmp_path}/runs", "run='${paths.runs}/${now:%Y}'"]
    command = [sys.executable, str(CONF.parent / "train.py"), *options]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    assert [process.wait(300) for process in processes] == [0, 0]
    found = sorted(path.parent.name for path in (tmp_path / "runs").glob("*/finished.json"))
    year = time.strftime("%Y")
    assert found == [year, f"{year}_2"]
    assert all(OmegaConf.load(tmp_path / "runs" / name / "config.yaml").run.endswith(name) for name in found)


def test_a_directory_that_is_deleted_in_training_still_leads_to_its_checkpoints(run_job, monkeypatch):
    from gen_models.callbacks.checkpoint import Checkpoint

    save = Checkpoint._save

    def deleting(self, *args, **kwargs):
        shutil.rmtree(self.store.folder.parent)
        save(self, *args, **kwargs)

    monkeypatch.setattr(Checkpoint, "_save", deleting)
    with pytest.warns(UserWarning, match="was deleted while it was training"):
        run = run_job("network=mlp", "turns=2", "callbacks.checkpoint.every=9")
    assert load(run).clock.turn == 2


@pytest.mark.slow
def test_what_an_older_version_lacked_is_no_difference_at_its_default(run_job):
    run = run_job("network=mlp", "turns=1")
    cfg = OmegaConf.load(run / "config.yaml")
    assert cfg.data.pop("binary") is False
    OmegaConf.save(cfg, run / "config.yaml")
    run_job("network=mlp", "turns=2")
    OmegaConf.save(cfg, run / "config.yaml")
    with pytest.raises(UsageError, match="was trained with data.binary=null, not true"):
        run_job("network=mlp", "turns=3", "data.binary=true")


@pytest.mark.slow
def test_pictures_may_move_and_not_change(run_job, tmp_path):
    def pictures(name, shade):
        (tmp_path / name).mkdir()
        for number in range(12):
            place = tmp_path / name / f"{number}.png"
            Image.new("RGB", (8, 8), (shade, number, 0)).save(place, compress_level=0)
            os.utime(place, (1e9, 1e9 + shade))
        return f"data.root={tmp_path / name}"

    options = ["data=folder", "data.size=8", "data.batch_size=4", "network=mlp"]
    run = run_job(*options, "turns=1", pictures("here", 1))
    shutil.copytree(tmp_path / "here", tmp_path / "there", copy_function=shutil.copyfile)  # which are files of now
    shutil.rmtree(tmp_path / "here")
    run_job(*options, "turns=2", f"data.root={tmp_path / 'there'}", "data.workers=0", f"paths.cache={tmp_path}/other")
    assert load(run).clock.turn == 2
    with pytest.raises(
        UsageError, match="the items of the data, or their classes, are others than those that .*fingerprint"
    ):
        run_job(*options, "turns=3", pictures("new", 9))


def test_a_run_says_by_which_versions_it_was_trained(run_job, monkeypatch, tmp_path):
    run = run_job("network=mlp", "turns=1")
    monkeypatch.setattr("gen_models.run.versions.version", lambda name: "9.9")
    run_job("network=mlp", "turns=2")
    first, second = json.loads((run / "versions.json").read_text())
    assert (first["turn"], first["torch"], second["turn"], second["torch"]) == (0, torch.__version__, 1, "9.9")
    assert told_version(run).split()[0] == "9.9"
    assert "gen_models 9.9" in (run / "report.html").read_text()


def test_the_commit_is_read_as_git_says_it(tmp_path):
    def git(*words):
        alone = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
        return subprocess.run([*alone, *words], check=True, capture_output=True, text=True).stdout.strip()

    assert commit_of(tmp_path) == ""
    git("init")
    git("commit", "--allow-empty", "-m", "one")
    assert commit_of(tmp_path) == git("rev-parse", "HEAD")
    git("worktree", "add", "-b", "other", "beside")
    git("pack-refs", "--all")
    assert commit_of(tmp_path) == commit_of(tmp_path / "beside") == git("rev-parse", "HEAD")


def test_a_directory_that_is_used_has_a_number_beside_it(tmp_path):
    assert [unused(tmp_path / "stamp").name for _ in range(3)] == ["stamp", "stamp_2", "stamp_3"]


def test_the_first_command_leaves_nothing_when_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for run in (Path("runs/gan-digits/stamp"), Path("elsewhere/mine"), Path("mine")):
        abandon(unused(run), Path("runs"))
        assert [*tmp_path.iterdir()] == [], run


def test_a_refused_command_removes_what_it_made_and_nothing_else(tmp_path):
    mine, trained, held = (unused(tmp_path / "runs" / name) for name in ("mine", "trained", "held"))
    (mine / "tensorboard").mkdir()
    (trained / "config.yaml").touch()
    for run in (mine, trained):
        abandon(run, tmp_path / "runs")
    with occupied(held):
        abandon(held, tmp_path / "runs")
    assert [run.exists() for run in (mine, trained, held)] == [False, True, True]
    assert (vacant(mine), vacant(trained)) == (True, False)
