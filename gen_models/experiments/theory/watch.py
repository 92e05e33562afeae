"""Callback that measures a game on one-dimensional data during training and plots the measurements at its end."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from lightning import Callback, Trainer
from torch import Tensor

from gen_models.errors import UsageError
from gen_models.experiments.theory.line import KnownDensity, cells, masses, masses_of_samples
from gen_models.families.game import Game
from gen_models.media.plots import save_frames
from gen_models.run.loggers import log_picture

SAMPLES = 100_000


class Watch(Callback, ABC):
    """Looks before the first turn, every `every` turns and at the end; then draws, logs and prints.

    Args:
        path: The picture.
        every: Turns between two looks.
        title: The claim, in words.
    """

    def __init__(self, path: str, every: int, title: str) -> None:
        self.path = Path(path)
        self.every = every
        self.title = title
        self.looks: list[dict[str, Any]] = []

    @abstractmethod
    def look(self, game: Game, source: Any) -> dict[str, Any]:
        """Measure the present state, in evaluation mode and with random numbers of its own."""

    @abstractmethod
    def draw(self, game: Game, source: Any) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Give pictures (3, H, W) of all measurements, and the figures that settle the claim."""

    def on_fit_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Refuse what can't be watched.

        Raises:
            UsageError: No game, a loss that compares samples, or data without a density on the line.
        """
        source = trainer.datamodule.source
        if not isinstance(pl_module, Game) or pl_module.loss.compares:
            raise UsageError("theory watches a critic that judges each sample by itself: use model=gan loss=minimax.")
        if not isinstance(source, KnownDensity) or source.spec["shape"] != [1]:
            raise UsageError("theory needs data with a known density on a line: use data=toy1d.")

    def on_train_batch_start(self, trainer: Trainer, pl_module: Game, *_: Any) -> None:
        """Look if it is time to; before a turn, so that a resumed run sees what an unbroken one sees."""
        if pl_module.clock.turn % self.every == 0:
            self._look(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: Game) -> None:
        """Look once more, draw, and say what came out."""
        self._look(trainer, pl_module)
        if not trainer.is_global_zero:
            return
        turn = pl_module.clock.turn
        frames, figures = self.draw(pl_module, trainer.datamodule.source)
        save_frames(frames, self.path)
        log_picture(trainer.loggers, self.path.stem, frames[-1], turn)
        for logger in trainer.loggers:
            logger.log_metrics({f"theory/{name}": figure for name, figure in figures.items()}, step=turn)
        for name, figure in figures.items():
            print(f"{name}: {figure:.4g}")

    def _look(self, trainer: Trainer, game: Game) -> None:
        with game.evaluating("theory"):
            self.looks.append({"turn": game.clock.turn} | self.look(game, trainer.datamodule.source))

    def state_dict(self) -> dict[str, Any]:
        """The measurements, for the checkpoint."""
        return {"seen": self.looks}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from an earlier process's measurements."""
        self.looks = list(state_dict["seen"])


def generated_masses(game: Game) -> Tensor:
    """The generator's density as a table: exact where it is known, else of many samples."""
    generator = game.network("generator")
    return masses(generator) if isinstance(generator, KnownDensity) else masses_of_samples(game.sample(SAMPLES))


def logits_on_line(game: Game) -> Tensor:
    """The critic's logits in the cells, (CELLS,) float64."""
    x = cells()
    return game.score(x, torch.zeros(len(x), dtype=torch.long)).double()
