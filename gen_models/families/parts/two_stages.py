"""Two stages of one model: a space of codes or tokens first, then what draws in it."""

from abc import abstractmethod
from typing import ClassVar, Unpack

import torch
from torch import nn

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.families.parts.pretrained import Adopted
from gen_models.run.fitting import check_told


class TwoStages(GenerativeModel):
    """Model that draws in a space: another run's, which stays as it is, or this run's own, which is then learned first.

    Args:
        space: Around this run's own model, whose place that of another run takes.
        run: Directory of that run.
        space_images: Images by which the own model is trained; afterwards what draws is. 0 for one without weights.
        training: Options of the engine.

    Attributes:
        stages: Names of the players: who learns the space, and who draws in it.
    """

    stages: ClassVar[tuple[str, str]]

    def __init__(self, space: Adopted, run: str | None, space_images: int, **training: Unpack[Training]) -> None:
        space_images = 0 if run else space_images
        if not space_images:
            drawer = self.stages[1]
            training["optimizers"] = {drawer: training["optimizers"][drawer]}
        super().__init__(**training)
        self.space = space
        self.run = run
        self.space_images = space_images

    @property
    @abstractmethod
    def drawer(self) -> nn.Module:
        """The network that draws in the space."""

    @abstractmethod
    def coded(self, batch: Batch) -> Batch:
        """Give the batch with what the space has for its items, without a graph."""

    @abstractmethod
    def drawer_losses(self, batch: Batch) -> Losses:
        """Give the losses of what draws, for a batch from `coded`."""

    def setup(self, stage: str) -> None:
        """Take over the model of the other run, before the first turn; checkpoints of this run then hold it."""
        if self.run is not None and self.clock.turn == 0:
            self.space.adopt(self.run)

    def prepare(self, source: Source) -> None:
        """Let the own model look at the data when the run begins, as a palette does; look at another run's classes."""
        if self.clock.turn:
            return
        if self.run is None:
            self.space.model.prepare(source)
        else:
            check_told(self.run, self.space.classes, source)

    def on_turn_start(self) -> None:
        """Freeze the space when it is learned."""
        if self.drawing:
            self.space.eval()

    @property
    def drawing(self) -> bool:
        """Whether the space is there, and the model learns to draw in it."""
        return self.clock.images >= self.space_images

    def players(self) -> tuple[Player, ...]:
        """Who learns the own space, then who draws in it, one after the other; or the latter alone."""
        first, second = self.stages
        drawer = Player(second, [self.drawer], self.losses, before=self._coded)
        return (Player(first, [self.space], self.space_losses), drawer) if self.space_images else (drawer,)

    def space_losses(self, batch: Batch) -> Losses:
        """Losses of the own model, as long as it is learned."""
        return {} if self.drawing else self.space.model.losses(batch)

    @torch.no_grad()
    def _coded(self, batch: Batch) -> Batch:
        return self.coded(batch) if self.drawing else batch

    def losses(self, batch: Batch) -> Losses:
        """Losses of what draws in the space, once that is there."""
        return self.drawer_losses(batch) if self.drawing else {}
