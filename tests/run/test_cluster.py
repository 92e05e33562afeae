"""Leaving when a machine asks for that, and asking Slurm for another place in its queue."""

import os
import signal
import subprocess
import sys

import pytest
from lightning.pytorch.utilities import rank_zero_only
from omegaconf import OmegaConf

from gen_models import load
from gen_models.core.signals import SIGNALS, Interrupted, ignore_signals
from gen_models.errors import EXIT_INTERRUPTED, EXIT_RESUMABLE
from gen_models.run import cluster
from gen_models.run.cluster import requeueing


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Leave a job whose Slurm reports `state`; give the exit code, and what scontrol was asked for."""

    def leave(state, rank=0, code=EXIT_RESUMABLE, job="7", number=signal.SIGTERM):
        log = tmp_path / "log"
        log.unlink(missing_ok=True)
        script = f'#!/bin/sh\necho "$1 $2 $3 $4" >> {log}\necho "JobId=7 JobState={state} Reason=None"\n'
        (tmp_path / "scontrol").write_text(script)
        (tmp_path / "scontrol").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setenv("SLURM_JOB_ID", "7")
        monkeypatch.setenv("GEN_MODELS_JOB", job)
        monkeypatch.setattr(rank_zero_only, "rank", rank)
        with pytest.raises(SystemExit) as end, requeueing():
            raise Interrupted(number) if code == EXIT_RESUMABLE else SystemExit(code)
        return end.value.code, log.read_text().splitlines() if log.exists() else []

    return leave


def test_rank_0_of_a_running_job_requeues_it(asked):
    assert asked("RUNNING") == (EXIT_RESUMABLE, ["show job --oneliner 7", "requeue 7  "])


def test_a_task_requeues_itself_and_not_its_whole_array(asked, monkeypatch):
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "7")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "2")
    assert asked("RUNNING") == (EXIT_RESUMABLE, ["show job --oneliner 7_2", "requeue 7_2  "])


@pytest.mark.parametrize("state", ["COMPLETING", "CANCELLED", "PENDING"])
def test_a_job_that_slurm_is_ending_stays_away(asked, state):
    assert asked(state) == (EXIT_RESUMABLE, ["show job --oneliner 7"])


def test_other_ranks_and_other_ends_do_not_ask(asked):
    assert asked("RUNNING", rank=1) == (0, [])
    assert asked("RUNNING", code=2) == (2, [])


def test_a_run_within_somebody_elses_job_does_not_requeue_that(asked):
    assert asked("RUNNING", job="") == (EXIT_RESUMABLE, [])
    assert asked("RUNNING", job="6") == (EXIT_RESUMABLE, []), "a variable that an outer job has left"


def test_who_presses_ctrl_c_does_not_want_it_back(asked):
    assert asked("RUNNING", number=signal.SIGINT) == (EXIT_RESUMABLE, [])


def test_two_runs_of_one_job_have_directories_of_their_own(compose_job, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    assert not str(compose_job().run).endswith("/7")
    monkeypatch.setenv("GEN_MODELS_JOB", "7")
    assert str(compose_job().run).endswith("/7")


def test_a_signal_before_the_first_turn_ends_the_job_as_resumable(monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    before = [signal.getsignal(number) for number in SIGNALS]
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        with pytest.raises(SystemExit, match=str(EXIT_RESUMABLE)), requeueing():
            signal.raise_signal(number)
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_loaders_leave_signals_to_their_parent():
    if (child := os.fork()) == 0:
        ignore_signals()
        for number in SIGNALS:
            os.kill(os.getpid(), number)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_ctrl_c_in_a_fit_is_told_from_a_failure():
    """Lightning answers it by exit(1)."""

    @requeueing()
    def fit():
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            sys.exit(1)

    with pytest.raises(SystemExit, match=str(EXIT_INTERRUPTED)):
        fit()


def test_a_slurm_that_does_not_answer_loses_nothing(asked, monkeypatch, capsys):
    def silent(*words, **options):
        raise subprocess.TimeoutExpired("scontrol", 60)

    monkeypatch.setattr(cluster.subprocess, "run", silent)
    assert asked("RUNNING") == (EXIT_RESUMABLE, [])
    assert "Slurm job 7 was perhaps not requeued, for Slurm has not answered in 60 s" in capsys.readouterr().err


def test_a_job_that_is_back_from_the_queue_goes_on_though_it_began_anew(run_job, monkeypatch):
    """But it begins anew where it was put back before its first turn, and the run there is another one."""
    words = ["model=vae", "network=mlp", "resume=never"]
    for name in ("SLURM_JOB_ID", "GEN_MODELS_JOB"):
        monkeypatch.setenv(name, "7")
    begun = []
    for back, job, turns in (("0", "7", 2), ("1", "7", 3), ("0", "8", 1), ("1", "9", 1)):
        monkeypatch.setenv("SLURM_RESTART_COUNT", back)
        for name in ("SLURM_JOB_ID", "GEN_MODELS_JOB"):
            monkeypatch.setenv(name, job)
        run = run_job(*words, f"turns={turns}")
        begun.append(load(run).clock.turn)
        assert (run / ".hydra" / "job").read_text() == job
        assert OmegaConf.load(run / ".hydra" / "config.yaml").resume == (
            "auto" if (back, job) == ("1", "7") else "never"
        )
    assert begun == [2, 3, 1, 1]
