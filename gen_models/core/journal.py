"""Journal of a training: the terms of its moves, and the rows that callbacks and loggers are given."""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

import torch
from lightning import Trainer
from torch import Tensor

from gen_models.core.health import not_finite
from gen_models.core.meter import Meter
from gen_models.core.player import Losses
from gen_models.errors import NumericalDeath


class Journal:
    """Log of losses and metrics: terms gather on the device, and are read once in a while.

    Attributes:
        player: Who moves, or did so last.
        terms: Scalars of the move, by names that begin with the player's, in order.
        objectives: Names, as `player/term`, of the terms that have been minimised.
        row: What was reported since the last row, by name: of a player that did not move since, nothing.
    """

    def __init__(self) -> None:
        self.player = ""
        self.terms: list[tuple[str, Tensor]] = []
        self.objectives: set[str] = set()
        self.row: dict[str, float] = {}
        self._meter = Meter()

    def begin(self, player: str) -> None:
        """Open a move."""
        self.player, self.terms = player, []

    def note(self, name: str, value: Tensor) -> None:
        """Keep a scalar of the move, without looking at it."""
        self.terms.append((f"{self.player}/{name}", value.detach().float()))

    def minimise(self, losses: Losses) -> None:
        """Keep the terms of the objective."""
        for name, value in losses.items():
            self.objectives.add(f"{self.player}/{name}")
            self.note(name, value)

    def end(self, turn: int) -> None:
        """Close the move of a turn."""
        for name, value in self.terms:
            self._meter.add(name, value, turn)
        self.terms = []

    def means(self, turn: int, state: Callable[[], Mapping[str, Any]]) -> dict[str, float]:
        """Read what has gathered since the last reading.

        Args:
            turn: The present one.
            state: Gives all tensors of the run, where it has to be said which of them are broken.

        Raises:
            NumericalDeath: It is no finite number; the sentence says where and when that began.
        """
        means = self._meter.read()
        if any(not math.isfinite(mean) for mean in means.values()):
            raise NumericalDeath(self._cause(turn, state()))
        return means

    def _cause(self, turn: int, state: Mapping[str, Any]) -> str:
        """Say which term was the first that is not finite, in which turn, and which tensors are not by now."""
        term, since = min(self._meter.broken.items(), key=lambda pair: pair[1], default=("a term", turn))
        tensors = not_finite(state)
        now = f" By now neither is {tensors[0]}, nor {len(tensors) - 1} other tensors." if tensors else ""
        return f"{term} is not finite since turn {since}.{now}"

    def report(self, trainer: Trainer, values: Mapping[str, float], bar: Collection[str] = ()) -> None:
        """Add numbers to the row, and show them to callbacks and, of those in `bar`, to a progress bar at once."""
        self.row |= values
        _show(trainer, values)
        trainer.progress_bar_metrics.update({name: values[name] for name in bar if name in values})

    def report_now(self, trainer: Trainer, values: Mapping[str, float], turn: int, images: int) -> None:
        """Give numbers to the loggers as those of this turn, and show them to callbacks."""
        for logger in trainer.loggers:
            logger.log_metrics({**values, "images": images}, step=turn)
        _show(trainer, values)

    def hand_over(self, trainer: Trainer, turn: int) -> None:
        """Give the row to the loggers, and begin a new one."""
        for logger in trainer.loggers:
            logger.log_metrics(self.row, step=turn)
            logger.save()
        self.row = {}

    def state(self) -> dict[str, Any]:
        """What has gathered, for a checkpoint."""
        return {"meter": self._meter.state(), "objectives": sorted(self.objectives)}

    def restore(self, captured: Mapping[str, Any]) -> None:
        """Go on where a checkpoint was written; those of earlier versions did not keep it."""
        self._meter.restore(captured.get("meter", {}))
        self.objectives |= set(captured.get("objectives", ()))


def _show(trainer: Trainer, values: Mapping[str, float]) -> None:
    """Let callbacks find numbers where Lightning has them look."""
    trainer.callback_metrics.update({name: torch.tensor(value) for name, value in values.items()})
