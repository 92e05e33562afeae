"""What the callbacks that show something of a model have in common."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from lightning import Callback, Trainer
from lightning.pytorch.utilities import rank_zero_warn

from gen_models.bounds import Natural
from gen_models.callbacks.progress import doing
from gen_models.core.clock import is_time
from gen_models.core.model import GenerativeModel

Show = Callable[[Trainer, GenerativeModel], None]


class NotShown(UserWarning):
    """Something could not be shown; the training goes on without it."""


class Showing(Callback, ABC):
    """Shows something of the model every `every` turns and at the end, on rank 0; what fails there ends no run.

    Args:
        every: Turns between two showings; 0 shows nothing.
    """

    def __init__(self, every: Natural) -> None:
        self.every = every

    @abstractmethod
    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Show what the model has to show; a model that has nothing is left alone."""

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Show if it is time to."""
        if is_time(pl_module.clock.turn, self.every):
            self.try_to(self.show, trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Show the end, unless the last turn has just been shown."""
        if self.every and not is_time(pl_module.clock.turn, self.every):
            self.try_to(self.show, trainer, pl_module)

    def try_to(
        self, show: Callable[[Trainer, GenerativeModel], None], trainer: Trainer, model: GenerativeModel
    ) -> None:
        """Show something on rank 0; where that fails, warn."""
        if not trainer.is_global_zero:
            return
        try:
            with doing(trainer, "Showing"):
                show(trainer, model)
        except Exception as error:  # a full disk, too few items, …: a picture is not worth the run
            if os.environ.get("GEN_MODELS_DEBUG"):
                raise
            what = f"{type(self).__name__} showed nothing at turn {model.clock.turn}"
            rank_zero_warn(f"{what} ({type(error).__name__}: {error}); the training goes on.", category=NotShown)
