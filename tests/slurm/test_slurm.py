"""What clusters.md promises, on a real Slurm of two nodes."""

import sys

import pytest
import torch
from omegaconf import OmegaConf

from gen_models import load
from gen_models.reports.status import status_of, statuses
from gen_models.run.checkpoints import Store
from tests.helpers import assert_same, newest

pytestmark = pytest.mark.slurm
SMALL = "network=mlp data=digits metrics=none logger=csv log_every=5 ~callbacks.progress".split()
GAN = ["model=sngan", *SMALL, "callbacks.checkpoint.every=1000", "callbacks.grids.every=1000"]
LAUNCHER = [f"hydra.launcher.{option}" for option in ("cpus_per_task=1", "timeout_min=60", "partition=main")]


@pytest.fixture
def alone(slurm, tmp_path):
    """Train without Slurm, for comparison."""

    def trained(*options):
        slurm.call(sys.executable, "train.py", *options, "trainer=cpu", f"run={tmp_path}/alone")
        return tmp_path / "alone"

    return trained


def test_a_sweep_is_an_array(slurm, tmp_path):
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="pip install '.[slurm]'")
    swept = ["model=gan,vae", "seed=1,2", *SMALL, "turns=10", f"paths.runs={tmp_path}", "trainer=cpu"]
    slurm.call(sys.executable, "train.py", "-m", "hydra/launcher=slurm", *LAUNCHER, *swept)
    found = list(statuses(tmp_path))
    assert [run.state for run in found] == ["done"] * 4
    assert {load(run.run).clock.turn for run in found} == {10}
    tasks = sorted(path.name for path in (tmp_path / "sweep" / ".submitit").glob("*_[0-3]"))
    assert tasks == [f"{tasks[0][:-2]}_{task}" for task in range(4)]


def test_a_sweeps_job_of_two_processes_that_runs_out_of_time_comes_back(slurm, tmp_path):
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="pip install '.[slurm]'")
    swept = [*GAN, "seed=1,2", "turns=400", f"paths.runs={tmp_path}"]
    devices = ["trainer=slurm", "hydra.launcher.tasks_per_node=2"]
    former = slurm.alive()  # the jobs of the sweep before, whose results are there and whose processes may still be
    sweep = slurm.begin(sys.executable, "train.py", "-m", "hydra/launcher=slurm", *LAUNCHER, *devices, *swept)
    late, other = slurm.until(lambda: sorted(slurm.alive() - former), count=2)
    slurm.until(lambda: list(tmp_path.rglob("metrics.csv")), count=2)
    slurm.call("scancel", "--signal=USR2", late)  # as Slurm does so long before the time limit
    assert sweep.wait(timeout=600) == 0
    assert [run.state for run in statuses(tmp_path)] == ["done"] * 2
    assert (slurm.field(late, "Restarts"), slurm.field(other, "Restarts")) == ("1", "0")


def test_a_search_runs_over_slurm(slurm, tmp_path):
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="pip install '.[slurm]'")
    pytest.importorskip("optuna", minversion="4", reason="pip install '.[optuna]'")
    options = ["model=vae", "model.beta=interval(0.1,1)", *SMALL, "turns=5", f"paths.runs={tmp_path}", "trainer=cpu"]
    trials = [*(f"hydra.sweeper.{name}=2" for name in ("n_trials", "n_jobs")), "hydra.sweeper.direction=maximize"]
    search = ["hydra/sweeper=optuna", "hydra/launcher=slurm", *trials, "objective=psnr_of_reconstructions"]
    slurm.call(sys.executable, "train.py", "-m", *search, *LAUNCHER, *options)
    assert [run.state for run in statuses(tmp_path)] == ["done"] * 2
    assert "best_value" in (tmp_path / "sweep" / "optimization_results.yaml").read_text()


def test_a_preempted_job_comes_back_and_ends_in_the_same_bits(slurm, tmp_path, alone):
    options = [*GAN, "turns=1500"]
    run = tmp_path / "run"
    job = slurm.submit("--ntasks-per-node=1", "scripts/train.sbatch", *options, f"run={run}")
    slurm.wait(job, lambda state: (run / "metrics.csv").exists())
    urgent = slurm.submit("--partition=urgent", "--nodes=2", "--exclusive", "--wrap=sleep 1")
    slurm.wait(urgent)
    assert 0 < Store(run / "checkpoints").entries()[-1].turn < 1500
    slurm.wait(job)
    assert slurm.field(job, "Restarts") == "1"
    assert status_of(run).state == "done"
    assert_same(newest(alone(*options))["model"], newest(run)["model"])


def test_an_array_of_seeds_and_one_that_is_signalled(slurm, tmp_path):
    options = [*GAN, "turns=800", f"paths.runs={tmp_path}", "name=array"]
    array = slurm.submit("--array=1-2", "--ntasks-per-node=1", "scripts/train.sbatch", *options)
    tasks = {seed: f"{array}_{seed}" for seed in (1, 2)}
    for task in tasks.values():
        slurm.wait(task, lambda state, task=task: (run_of(slurm, tmp_path, task) / "metrics.csv").exists())
    # Slurm gives one of the tasks the number of the whole array.
    own = next(task for task in tasks.values() if slurm.field(task, "JobId") == array)
    slurm.call("scancel", "--signal=USR1", own)
    for seed, task in tasks.items():
        slurm.wait(task)
        run = run_of(slurm, tmp_path, task)
        assert slurm.field(task, "Restarts") == ("1" if task == own else "0")
        assert OmegaConf.load(run / "config.yaml").seed == seed
        assert status_of(run).state == "done"


def run_of(slurm, runs, task):
    return runs / "array" / slurm.field(task, "JobId")


def test_two_nodes_equal_one_process_to_rounding_and_end_alike_when_signalled(slurm, tmp_path, alone):
    options = ["model=ae", *SMALL]  # without noise, which differs from rank to rank
    runs = {name: tmp_path / name for name in ("whole", "signalled", "short")}
    start = ["--nodes=2", "--ntasks-per-node=1", "scripts/train.sbatch", *options]
    turns = {name: "turns=20" if name == "short" else "turns=600" for name in runs}  # rounding grows with the turns
    jobs = {name: slurm.submit(*start, turns[name], f"run={run}") for name, run in runs.items()}
    slurm.wait(jobs["signalled"], lambda state: (runs["signalled"] / "metrics.csv").exists())
    slurm.call("scancel", "--signal=USR1", jobs["signalled"])
    for job in jobs.values():
        slurm.wait(job)
    assert slurm.field(jobs["signalled"], "Restarts") == "1"
    assert_same(newest(runs["whole"]), newest(runs["signalled"]))
    one, two = (load(run, averaged=False) for run in (alone(*options, turns["short"]), runs["short"]))
    for value, other in zip(one.parameters(), two.parameters(), strict=True):  # buffers are each rank's own
        torch.testing.assert_close(other, value, rtol=1e-3, atol=1e-4)


def test_a_cancelled_job_stays_away(slurm, tmp_path):
    job = slurm.submit("--ntasks-per-node=1", "scripts/train.sbatch", *GAN, "turns=100000", f"run={tmp_path}/run")
    slurm.wait(job, lambda state: (tmp_path / "run" / "metrics.csv").exists())
    slurm.call("scancel", job)
    while slurm.field(job, "JobState") in ("RUNNING", "COMPLETING"):
        pass
    assert slurm.field(job, "JobState") == "CANCELLED"
    assert status_of(tmp_path / "run").state == "interrupted"
