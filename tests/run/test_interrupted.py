"""A run that was cut, asked to leave, short of space or numerically dead: what it keeps, and what it says."""

import errno
import os
import signal
import sys
import threading
from time import sleep

import pytest
import torch

from gen_models.analysis.evaluate import figures_of
from gen_models.callbacks.checkpoint import Checkpoint
from gen_models.cli import assembled
from gen_models.core.engine import Engine
from gen_models.core.health import not_finite
from gen_models.core.meter import Meter
from gen_models.core.signals import SIGNALS, Interrupted
from gen_models.errors import NumericalDeath, UsageError
from gen_models.run.checkpoints import Store
from gen_models.run.outcome import Finish
from tests.faults.bench import fork
from tests.helpers import assert_same, newest, rows

GAN = ["model=sngan", "network=mlp", "log_every=5", "callbacks.checkpoint.every=3"]


@pytest.fixture
def cut_at(run_job, monkeypatch):
    """Run a job that is asked to leave in some turns, one process after the other; give its directory."""

    def ran(run, turns, *options):
        for turn in turns:
            with monkeypatch.context() as patch:
                patch.setattr(Checkpoint, "_agreed", lambda self, trainer, now, turn=turn: now == turn)
                with pytest.raises(Interrupted):
                    run_job(*options, run=run)
        return run_job(*options, run=run)

    return ran


@pytest.mark.parametrize("callbacks", ["default", "watched"])
@pytest.mark.parametrize(
    "cuts", [[5], pytest.param([3, 7, 8], marks=pytest.mark.slow), pytest.param([10], marks=pytest.mark.slow)]
)
def test_what_was_cut_ends_like_what_was_not(run_job, cut_at, tmp_path, callbacks, cuts):
    """Weights, moments, meters and alarms to the bit; metrics.csv but for the speed; a cut in a logged turn too."""
    options = [*GAN, f"callbacks={callbacks}", "turns=12"]
    whole, parts = run_job(*options, run=tmp_path / "whole"), cut_at(tmp_path / "parts", cuts, *options)
    assert_same(newest(whole), newest(parts))
    assert logged(whole) == logged(parts)
    assert [row["turn"] for row in logged(whole)] == ["5", "10", "12"]


@pytest.mark.slow
def test_a_last_evaluation_that_was_cut_is_taken_again_and_logged_once(run_job, monkeypatch, tmp_path):
    options = ["model=vae", "network=mlp", "log_every=2", "callbacks.quality.every=4", "turns=4"]
    options += ["objective=psnr_of_reconstructions"]
    whole = run_job(*options, run=tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr("gen_models.job.figures_of", lambda subject: sys.exit(75))
        with pytest.raises(SystemExit):
            run_job(*options, run=tmp_path / "left")
    left = run_job(*options, run=tmp_path / "left")
    assert logged(whole) == logged(left)
    assert Finish.read(whole).objective == Finish.read(left).objective


@pytest.mark.parametrize(("turn", "before"), [(4, False), (12, False), (4, True)])
def test_an_evaluation_is_left_at_once_and_nothing_is_lost(run_job, monkeypatch, tmp_path, turn, before):
    """Asked while it measures in a turn, or in the last, or before: the turn before is on the disk; the same end."""
    options = ["model=vae", "network=mlp", "log_every=5", "callbacks.quality.every=4", "turns=12"]
    whole = run_job(*options, run=tmp_path / "whole")

    def measured(subject):
        os.kill(os.getpid(), signal.SIGTERM) if not before and subject.model.clock.turn == turn else None
        assert subject.model.clock.turn < turn, "it went on measuring"
        return figures_of(subject)

    def begun(model):
        os.kill(os.getpid(), signal.SIGTERM) if before and model.clock.turn == turn - 1 else None

    with monkeypatch.context() as patch:
        patch.setattr("gen_models.callbacks.quality.figures_of", measured)
        patch.setattr(Engine, "on_turn_start", begun)
        with pytest.raises(Interrupted):
            run_job(*options, run=tmp_path / "left")
    assert Store(tmp_path / "left" / "checkpoints").newest()[0].turn == turn - 1
    left = run_job(*options, run=tmp_path / "left")
    assert_same(newest(whole), newest(left))
    assert logged(whole) == logged(left)


def test_a_training_that_ends_in_an_error_leaves_nobody_listening(run_job, monkeypatch):
    """Else a signal that came, or comes later, ended the process of whoever trains from Python, minutes afterwards."""
    handlers, threads = [signal.getsignal(number) for number in SIGNALS], threading.active_count()
    signal.set_wakeup_fd(descriptor := signal.set_wakeup_fd(-1))
    monkeypatch.setattr(Engine, "on_turn_start", lambda model: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_job("model=vae", "network=mlp", "turns=1")
    signal.set_wakeup_fd(listening := signal.set_wakeup_fd(-1))
    assert listening == descriptor
    assert [signal.getsignal(number) for number in SIGNALS] == handlers
    assert threading.active_count() == threads


def test_a_signal_in_the_last_turn_spares_the_last_evaluation(run_job, monkeypatch, tmp_path):
    options = ["model=vae", "network=mlp", "turns=3"]
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "_agreed", lambda self, trainer, turn: turn == 3)
        patch.setattr("gen_models.job.figures_of", lambda *rest, **more: pytest.fail("it went on measuring"))
        with pytest.raises(Interrupted):
            run_job(*options)
    assert Store(tmp_path / "run" / "checkpoints").newest()[0].turn == 3
    assert (run_job(*options) / "finished.json").exists()


def test_who_stops_a_run_is_given_the_command_that_goes_on(run_job, monkeypatch, capsys):
    words = ["model=vae", "network=mlp", "turns=3", "name=a b"]
    monkeypatch.setattr(Checkpoint, "_agreed", lambda self, trainer, turn: turn == 2)
    with pytest.raises(Interrupted):
        run_job(*words)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Stopped; turn 2 of 3 is saved. Go on with: gen-models train data=digits ")
    assert " turns=3 'name=a b' run=" in last


def test_the_command_that_measures_ends_at_once_and_leaves_what_was_there(run_job, monkeypatch, tmp_path):
    run, begun = run_job("model=vae", "network=mlp", "turns=1"), tmp_path / "begun"
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    monkeypatch.setattr("gen_models.analysis.evaluate.taken", lambda *rest, **more: (begun.touch(), sleep(60)))
    child = fork(lambda: assembled()(["evaluate", str(run)]))
    while not begun.exists() and child.over() is None:
        sleep(0.05)
    child.send(signal.SIGTERM)
    ended = child.wait(limit=10)
    assert (ended.code, ended.quietly) == (-signal.SIGTERM, True), ended.said
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def logged(run):
    return [{name: value for name, value in row.items() if name != "images/s"} for row in rows(run / "metrics.csv")]


def test_a_disk_that_was_full_for_a_while_costs_one_checkpoint(run_job, monkeypatch, tmp_path):
    """Full at turn 3, tried again when the losses are logged at turn 5; the run goes on."""
    failing(monkeypatch, lambda turn: turn == 3)
    with pytest.warns(UserWarning, match=r"no checkpoint of turn 3 .*there is none yet"):
        run = run_job(*GAN, "turns=5")
    assert [entry.turn for entry in Store(run / "checkpoints").entries()] == [5]


def test_a_run_whose_last_turn_is_not_saved_is_not_finished(run_job, monkeypatch, tmp_path):
    failing(monkeypatch, lambda turn: turn == 4)
    monkeypatch.setattr("gen_models.callbacks.checkpoint.PAUSE", 0)
    with pytest.raises(UsageError, match="turn 4 could not be saved .*make room, and the same command goes on"):
        run_job(*GAN, "turns=4", run=tmp_path / "run")
    assert not (tmp_path / "run" / "finished.json").exists()
    monkeypatch.undo()
    run = run_job(*GAN, "turns=4", run=tmp_path / "run")
    assert_same(newest(run), newest(run_job(*GAN, "turns=4", run=tmp_path / "other")))


def failing(monkeypatch, when):
    save = Store.save

    def saved(store, turn, *rest):
        if when(turn):
            raise OSError(errno.ENOSPC, "No space left on device")
        return save(store, turn, *rest)

    monkeypatch.setattr(Store, "save", saved)


@pytest.mark.parametrize(("turn", "term"), [(3, "critic/adversarial"), (7, "generator/adversarial")])
def test_the_first_term_that_is_no_number_is_named_with_its_turn(compose_job, run_job, monkeypatch, turn, term):
    """The loss of one player is NaN from a turn on: everything is, soon; the sentence names where it began."""
    from gen_models.losses.adversarial import Hinge

    player, calls = term.split("/")[0], []
    lossy = getattr(Hinge, player)

    def broken(self, *logits, **more):
        calls.append(1)
        return lossy(self, *logits, **more) * (float("nan") if len(calls) >= turn else 1.0)

    monkeypatch.setattr(Hinge, player, broken)
    with pytest.raises(NumericalDeath, match=rf"{term} is not finite since turn {turn}\. By now neither is "):
        run_job(*GAN, "turns=10", "callbacks.checkpoint.every=100", "callbacks.grids.every=0")


def test_moments_and_buffers_are_looked_at():
    state = {"model": {"buffer": torch.tensor([1.0, torch.inf]), "count": torch.tensor(3)}}
    state["optimizers"] = {"critic": {"state": {0: {"exp_avg_sq": torch.tensor(torch.nan), "step": torch.ones(())}}}}
    assert not_finite(state) == ["model.buffer", "optimizers.critic.state.0.exp_avg_sq"]
    assert not_finite({"model": {"weight": torch.zeros(3)}}) == []


def test_a_meter_goes_on_where_it_was():
    one, other = Meter(), Meter()
    for turn, value in enumerate([1.0, 4.0], 1):
        one.add("loss", torch.tensor(value), turn)
    other.restore(one.state())
    for meter in (one, other):
        meter.add("loss", torch.tensor(7.0), 3)
        assert meter.read() == {"loss": 4.0}
        assert meter.read() == {}
