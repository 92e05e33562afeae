"""Step counters of Lightning (`trainer.global_step`), kept equal to a run's turns for any number of optimizers.

Lightning counts every optimizer's step, its callbacks and loggers read these counters, and a run counts turns (issue
17958 there). A strategy's step, unlike that of Lightning's wrapped optimizers, counts nothing by itself.
"""

from typing import Any

from lightning import Trainer


def start_at(trainer: Trainer, turn: int) -> None:
    """Set the counters to the turns that are complete."""
    trainer.fit_loop.epoch_loop._batches_that_stepped = turn
    steps = _steps(trainer)
    steps.total.ready = steps.total.completed = turn


def count_turn(trainer: Trainer) -> None:
    """Count one turn more."""
    steps = _steps(trainer)
    steps.increment_ready()
    steps.increment_completed()


def _steps(trainer: Trainer) -> Any:
    return trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress
