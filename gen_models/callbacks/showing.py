"""What the callbacks that show something of a model have in common."""

from abc import ABC, abstractmethod
from typing import Any

from lightning import Callback, Trainer

from gen_models.core.model import GenerativeModel


class Showing(Callback, ABC):
    """Shows something of the model every `every` turns and at the end, on rank 0.

    Args:
        every: Turns between two showings.
    """

    def __init__(self, every: int) -> None:
        self.every = every

    @abstractmethod
    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Show what the model has to show; a model that has nothing is left alone."""

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Show if it is time to."""
        if pl_module.clock.turn % self.every == 0 and trainer.is_global_zero:
            self.show(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Show the end, unless the last turn has just been shown."""
        if pl_module.clock.turn % self.every and trainer.is_global_zero:
            self.show(trainer, pl_module)
