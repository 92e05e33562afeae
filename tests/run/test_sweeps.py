"""Sweeps: one job's error is not the others', what is finished is not done again, and a search gets its objective."""

import json
import runpy
import sys

import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import OmegaConf

from gen_models import job as job_module
from gen_models.errors import NotMeasured, UsageError
from gen_models.job import train
from gen_models.launch import check_job
from gen_models.reports.status import statuses
from gen_models.run import sweeps
from gen_models.run.sentences import sentence
from tests.conftest import CONF, QUICK

PSNR = "objective=psnr_of_reconstructions"


@pytest.fixture
def swept(monkeypatch, capfd, tmp_path):
    """Type a sweep; give its exit code, and what it says of its end."""

    def run(*options):
        GlobalHydra.instance().clear()
        fixed = [f"paths.runs={tmp_path}/runs", f"paths.cache={tmp_path}/cache", "turns=2", "~callbacks.progress"]
        monkeypatch.setattr(sys, "argv", ["train.py", "-m", *QUICK[:-1], *fixed, "network=mlp", *options])
        try:
            runpy.run_path(str(CONF.parent / "train.py"), run_name="__main__")
        except SystemExit as end:
            return end.code, capfd.readouterr().err
        return 0, "".join(capfd.readouterr())

    return run


@pytest.mark.slow
def test_one_job_fails_and_the_others_run_once(swept, tmp_path):
    saved = []
    for _ in range(2):
        code, text = swept("model=vae", "model.latent_dim=2,-1,3", "study=failing")
        assert code == 1
        assert "jobs of it failed: first " in text.splitlines()[-1]
        found = list(statuses(tmp_path / "runs" / "failing"))
        assert sorted(status.state for status in found) == ["done", "done", "failed"]
        assert "latent_dim must be at least 1, and is -1" in next(
            status.error for status in found if status.state == "failed"
        )
        saved.append([path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("manifest.json"))])
    assert saved[0] == saved[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("seed=1,2", "model.beta=-4"), "model.beta=-4 is too small: it must be at least 0.\n"),
        (("model.beta=-4,-3",), "model.beta=-4 is too small: it must be at least 0.\n"),
        (("loss=hinge,wasserstein",), "model=vae does not take loss=hinge: "),
        (("seed=1,2", "data=folder", "data.root=/nowhere"), "There is no folder /nowhere"),
        (("model.beta=interval(0,1)",), "a grid goes through values"),
        (("hydra/sweeper=optun",), "there is no hydra/sweeper=optun: did you mean optuna?"),
        (("seed=1,2", "paths.runs=/proc/x"), "the sweep's directory /proc/x can't be made"),
    ],
)
def test_what_every_job_would_be_refused_for_is_said_once_and_leaves_nothing(swept, tmp_path, options, said):
    code, text = swept("model=vae", "study=refused", *options)
    assert code == 2
    assert text.count("\n") == 1
    assert said in text
    assert not (tmp_path / "runs").exists()


def test_a_sweep_that_will_train_elsewhere_is_refused_for_its_model_and_not_for_its_place(compose_job):
    wrong = compose_job("model=vae", "model.beta=-4")
    with pytest.raises(UsageError, match="beta=-4 is too small"):
        check_job(wrong, here=False)
    for options in (["trainer=slurm"], ["data=folder", "data.root=/nowhere"]):
        job = compose_job("model=vae", *options)
        check_job(job, here=False)
        with pytest.raises(UsageError, match="srun|nowhere"):
            check_job(job, here=True)


def test_a_job_of_a_grid_without_the_objective_does_not_end_it(swept, tmp_path):
    code, text = swept("model=sngan,vae", PSNR, "study=grid")
    assert code == 1
    assert f"{PSNR} is no figure that this model" in text
    assert "Error executing job" not in text  # which Hydra would say before us
    assert sorted(status.state for status in statuses(tmp_path / "runs" / "grid")) == ["done", "failed"]


def test_a_sweep_ends_with_how_its_runs_are_compared(swept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        code, text = swept("model=vae", "seed=1,2", "study=of_two")
        assert code == 0
        assert text.count("report.html") == 2
        assert "gen-models sample" not in text
        assert text.splitlines()[-1].split() == (
            "sweep gen-models compare runs/of_two --out of_two.html; gen-models status runs/of_two".split()
        )


def test_a_finished_run_gives_its_figure_without_training(compose_job, tmp_path):
    options = ["model=vae", "network=mlp", PSNR, "~callbacks.progress"]
    first = train(compose_job(*options, "turns=2"))
    file = tmp_path / "run" / "finished.json"
    written = json.loads(file.read_text())
    assert written["objective"] == first
    (reported,) = (record for record in written["records"] if record["metric"].startswith("PSNR"))
    assert reported["protocol"]["real"] == "test"
    assert reported["value"] != first  # which is of validation items
    file.write_text(json.dumps(written | {"objective": 123.0}))
    assert train(compose_job(*options, "turns=2")) == 123.0
    with pytest.raises(UsageError, match=r"was trained with model.beta=1.0, not 2.0"):
        train(compose_job(*options, "turns=2", "model.beta=2.0"))
    file.unlink()  # as if it had been killed while it took its last figures
    assert train(compose_job(*options, "turns=2")) == first
    assert train(compose_job(*options, "turns=3")) != first
    assert json.loads(file.read_text())["turn"] == 3


@pytest.mark.slow
def test_a_search_is_told_that_its_objective_was_not_measured(compose_job, monkeypatch):
    job = ["model=vae", "network=mlp", "turns=1", "~callbacks.progress"]
    assert train(compose_job(*job)) is None
    for module in (sweeps, job_module):
        monkeypatch.setattr(module, "searching", lambda: True)
    with pytest.raises(UsageError, match="objective=psnr was not measured.*psnr_of_reconstructions"):
        train(compose_job(*job, "objective=psnr"))
    for objective, said in (("psnr", "=psnr is no figure that this model"), ("auto", "say objective=…, one of ")):
        with pytest.raises(NotMeasured, match=f"{said}.*psnr_of_reconstructions"):
            train(compose_job(*job, f"objective={objective}", "resume=never"))


def test_long_names_are_cut_and_stay_different():
    names = ["a=1,b=2", "x" * 300 + "1", "x" * 300 + "2"]
    cut = [sweeps.short(name) for name in names]
    assert cut[0] == names[0]
    assert sweeps.short("experiment=dgn/flowing") == "experiment=dgn.flowing"
    assert len(set(cut)) == 3
    assert max(map(len, cut)) < 200
    wide = [sweeps.short("ä" + "猫" * 99 + end) for end in ("", "1")]
    assert len(set(wide)) == 2
    assert max(len(name.encode()) for name in wide) < 220


@pytest.mark.parametrize("path", sorted(CONF.glob("sweep/*.yaml")), ids=lambda path: path.stem)
def test_a_study_sweeps_over_options_that_exist(path, compose_job):
    params = OmegaConf.load(path).hydra.sweeper.params
    model = {"ttur": "dcgan", "beta": "vae"}.get(path.stem, "sngan")
    cfg = compose_job(f"model={model}")
    for key in params:
        assert (CONF / key).is_dir() or OmegaConf.select(cfg, key) is not None


def test_the_old_sweeper_is_asked_to_go():
    conflict = "'hydra/sweeper/optuna' is validated against ConfigStore schema with the same name. This behavior is …"
    assert "pip uninstall hydra-optuna-sweeper" in sentence(HydraException(conflict), [])
