"""Trainable model: what the training loop asks of a family, and the clock by which it goes."""

from abc import ABC, abstractmethod
from typing import Any

from lightning import LightningModule
from torch import nn

from gen_models.core.clock import Clock
from gen_models.core.player import Player
from gen_models.core.stream import BatchSize
from gen_models.data.source import Source
from gen_models.errors import UsageError, nearest
from gen_models.randomness import isolated


class Trainable(LightningModule, ABC):
    """Model with players and a clock: the hooks of a training, of which a family overrides those that it needs.

    Args:
        seed: Keys all random numbers of the training.

    Attributes:
        clock: Turns, images and moves of the run so far; part of every checkpoint.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.clock = Clock()
        self.seed = seed

    @abstractmethod
    def players(self) -> tuple[Player, ...]:
        """Name the players, in the order of their moves."""

    def get_ready(self, source: Source) -> None:
        """Call `prepare` under random numbers of its own: before a training, or a look at the untrained model."""
        with isolated(self.seed, "prepare"):
            self.prepare(source)

    def prepare(self, source: Source) -> None:
        """Look at the data, alike on all ranks, before the first turn of each process; at turn 0 a run begins."""

    def on_turn_start(self) -> None:
        """Change what the clock decides (growth) before any player moves."""

    @property
    def batch_size(self) -> BatchSize | None:
        """Images in a turn, over all ranks, by images seen; None leaves it to the data."""
        return None

    def network(self, name: str) -> nn.Module:
        """Give the network of that attribute name."""
        networks = dict(self.named_children())
        if name not in networks:
            raise UsageError(f"the model has no network '{name}': {nearest(name, networks)}")
        return networks[name]

    def get_extra_state(self) -> dict[str, Any]:
        """The clock, for the checkpoint: plain integers that never were on the device."""
        return self.clock.state()

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Restore the clock."""
        self.clock = Clock(**state)
