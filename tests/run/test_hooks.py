import pytest
from lightning import Callback
from lightning.pytorch.profilers import SimpleProfiler

from gen_models.callbacks.progress import RunProgress
from gen_models.job import train
from gen_models.run.build import build_data, build_trainer
from gen_models.run.hooks import OF_A_TURN, Untimed


def test_callbacks_are_asked_in_a_turn_only_for_what_they_do(compose_job):
    cfg = compose_job("model=gan", "network=mlp", "~callbacks.progress")
    trainer = build_trainer(cfg, build_data(cfg))
    asked = [callback for callback in trainer.callbacks for hook in OF_A_TURN if callable(getattr(callback, hook))]
    assert asked
    for callback in trainer.callbacks:
        for hook in OF_A_TURN:
            empty = getattr(type(callback), hook) is getattr(Callback, hook)
            assert callable(getattr(callback, hook)) is not empty
    assert len(asked) < len(OF_A_TURN) * len(trainer.callbacks) / 3


@pytest.mark.parametrize("options", [["callbacks=none"], ["~callbacks.progress"], []], ids=str)
def test_there_is_a_bar_where_one_was_chosen_only(options, compose_job):
    cfg = compose_job("model=gan", "network=mlp", *options)
    bar = build_trainer(cfg, build_data(cfg)).progress_bar_callback
    assert isinstance(bar, RunProgress) if not options else bar is None


def test_a_training_does_without_the_empty_ones(compose_job, tmp_path):
    train(compose_job("model=gan", "network=mlp", "turns=3", "~callbacks.progress"))
    assert (tmp_path / "run" / "checkpoints" / "manifest.json").exists()


def test_hooks_are_timed_where_a_profiler_is_chosen(compose_job):
    cfg = compose_job("model=gan", "network=mlp", "callbacks=none")
    assert isinstance(build_trainer(cfg, build_data(cfg)).profiler, Untimed)
    chosen = compose_job("model=gan", "network=mlp", "callbacks=none", "+trainer.profiler=simple")
    assert isinstance(build_trainer(chosen, build_data(chosen)).profiler, SimpleProfiler)
