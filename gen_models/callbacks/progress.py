"""A progress bar over the whole run, whatever part of it this process plays."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lightning import Trainer
from lightning.pytorch.callbacks import RichProgressBar
from rich.console import Console

from gen_models.bounds import Natural
from gen_models.callbacks.objectives import objectives
from gen_models.core.clock import is_time
from gen_models.core.engine import Engine

TRAINING = "Training"
SPEED = "images/s"
WIDE = 100
"""Columns of a terminal from which on there is room for the images beside the turns a second."""


def drawable() -> bool:
    """Whether a bar can be drawn: on a terminal, or in a notebook."""
    console = Console()
    return console.is_terminal or console.is_jupyter


class RunProgress(RichProgressBar):
    """Lightning's Rich bar, counting turns of the run instead of batches since the last restart.

    Where no bar can be drawn there is none: `ProgressLines` speaks there.
    """

    def __init__(self, refresh_rate: Natural = 10) -> None:
        super().__init__(refresh_rate=refresh_rate, leave=True)
        self._played = 0
        self._doing = TRAINING

    def setup(self, trainer: Trainer, pl_module: Engine, stage: str) -> None:  # type: ignore[override]
        """Draw nothing where nothing can be drawn."""
        super().setup(trainer, pl_module, stage)
        if not drawable():
            self.disable()

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Say before the bar what the run is at: it would else seem to stand still."""
        self._describe(what)
        try:
            yield
        finally:
            self._describe(TRAINING)

    def _describe(self, what: str) -> None:
        self._doing = what
        if self.progress is not None and self.train_progress_bar_id is not None:
            self.progress.update(self.train_progress_bar_id, description=what, refresh=True)

    @property
    def total_train_batches(self) -> int | float:
        """Turns of the whole run."""
        return self._played + super().total_train_batches

    def on_train_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Remember what earlier processes have played."""
        self._played = pl_module.clock.turn
        super().on_train_start(trainer, pl_module)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Draw the bar; turns of earlier processes don't count for the speed."""
        super().on_train_epoch_start(trainer, pl_module)
        if self.progress is not None and self.train_progress_bar_id is not None:
            self.progress.reset(self.train_progress_bar_id, completed=self._played)

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: Engine,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Move the bar to the present turn, as often as it is drawn anew."""
        turn = pl_module.clock.turn
        if is_time(turn, int(self.refresh_rate)) or turn == self.total_train_batches:
            super().on_train_batch_end(trainer, pl_module, outputs, batch, turn - 1)

    def _get_train_description(self, current_epoch: int) -> str:
        return self._doing

    def get_metrics(self, trainer: Trainer, pl_module: Engine) -> dict[str, Any]:
        """Show what each player minimises, and the speed, in three digits: the terms would fill a narrow terminal."""
        shown = {name: float(value) for name, value in trainer.progress_bar_metrics.items()}
        sums = objectives({name: shown[name] for name in sorted(pl_module.objectives) if name in shown})
        words = {signal.rpartition("/")[2]: value for signal, value in sums.items()}
        speed = {SPEED: shown[SPEED]} if SPEED in shown and Console().width >= WIDE else {}
        return {name: f"{value:.3g}" for name, value in (words | speed).items()}


@contextmanager
def doing(trainer: Trainer, what: str) -> Iterator[None]:
    """Let the bar of a training, if it has one, say what the run is at."""
    bar = trainer.progress_bar_callback
    if not isinstance(bar, RunProgress):
        yield
        return
    with bar.doing(what):
        yield
