"""Callback that measures a model during training and plots the measurements, beside theory, at its end."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from lightning import Callback, Trainer
from torch import Tensor

from gen_models.bounds import Positive
from gen_models.core.model import GenerativeModel
from gen_models.media.plots import save_frames
from gen_models.run.loggers import log_picture

M = TypeVar("M", bound=GenerativeModel)


class Watch(Callback, ABC, Generic[M]):
    """Looks before the first turn, every `every` turns and at the end; then draws, logs and prints.

    Args:
        path: The picture.
        every: Turns between two looks.
        title: The claim, in words.
    """

    def __init__(self, path: str, every: Positive, title: str) -> None:
        self.path = Path(path)
        self.every = every
        self.title = title
        self.looks: list[dict[str, Any]] = []

    @abstractmethod
    def check(self, model: Any, source: Any) -> None:
        """Refuse what can't be watched, before the first turn.

        Raises:
            UsageError: The theory is of another family, or of other data.
        """

    @abstractmethod
    def look(self, model: M, source: Any) -> dict[str, Any]:
        """Measure the present state, in evaluation mode and with random numbers of its own."""

    @abstractmethod
    def draw(self, model: M, source: Any) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Give pictures (3, H, W) of all measurements, and the figures that settle the claim."""

    def latest(self, model: M, source: Any) -> tuple[Tensor, Mapping[str, float]]:
        """Give the picture (3, H, W) of the last measurement, and its figures."""
        frames, figures = self.draw(model, source)
        return frames[-1], figures

    def note(self, model: M, source: Any) -> None:
        """Measure the present state, and keep it."""
        with model.evaluating("theory"):
            self.looks.append({"turn": model.clock.turn} | self.look(model, source))

    def on_fit_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Refuse what can't be watched."""
        self.check(pl_module, trainer.datamodule.source)

    def on_train_batch_start(self, trainer: Trainer, pl_module: M, *_: Any) -> None:
        """Look if it is time to; before a turn, so that a resumed run sees what an unbroken one sees."""
        if pl_module.clock.turn % self.every == 0:
            self.note(pl_module, trainer.datamodule.source)

    def on_train_end(self, trainer: Trainer, pl_module: M) -> None:
        """Look once more, draw, and say what came out."""
        self.note(pl_module, trainer.datamodule.source)
        if not trainer.is_global_zero:
            return
        frames, figures = self.draw(pl_module, trainer.datamodule.source)
        save_frames(frames, self.path)
        log_picture(trainer.loggers, self.path.stem, frames[-1], pl_module.clock.turn)
        pl_module.report_now({f"theory/{name}": figure for name, figure in figures.items()})
        for name, figure in figures.items():
            print(f"{name}: {figure:.4g}")

    def state_dict(self) -> dict[str, Any]:
        """The measurements, for the checkpoint."""
        return {"seen": self.looks}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from an earlier process's measurements."""
        self.looks = list(state_dict["seen"])
