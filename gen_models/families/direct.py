"""Generative latent optimization (GLO: Bojanowski et al. 2018, https://arxiv.org/abs/1707.05776), and DGN."""

from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.constraints.weights import Constraint
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.parts.dimensions import per_dimension
from gen_models.latents.fitted import like
from gen_models.latents.initial import Start
from gen_models.latents.priors import Prior
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.layers.statistics import batch_statistics
from gen_models.networks.layers.table import LatentTable


class Direct(GenerativeModel):
    """GLO and DGN: a generator trained by reconstruction, each training item from a latent of its own.

    There is no encoder and no critic. Latents that descend the same loss make GLO; latents that stay where they start,
    at random or at principal components, make the direct generative network (DGN), which is GLO with a rate of 0 for
    them.

    Args:
        generator: Latents (B, latent_dim) and classes to what `loss` reads.
        loss: Distance of an item from the generator's output.
        prior: What latents of new samples are drawn from; None fits a Gaussian to those of the training items.
        start: Initial latents.
        latent_dim: Size of a latent.
        count: Training items.
        flowing: Train the latents, by the same gradient as the generator.
        constraint: Projection of the latents after each of their moves.
        training: Options of the engine.
    """

    def __init__(
        self,
        generator: nn.Module,
        loss: Reconstruction,
        prior: Prior | None,
        start: Start,
        latent_dim: int,
        count: int,
        flowing: bool = True,
        constraint: Constraint | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.generator = generator
        self.latents = LatentTable(count, latent_dim).requires_grad_(flowing)
        self.loss = loss
        self.prior = prior
        self.start = start
        self.latent_dim = latent_dim
        self.flowing = flowing
        self._met: list[Tensor] = []
        self.constraint = constraint

    def players(self) -> tuple[Player, ...]:
        """The latents, if they are trained, and the generator.

        The latents move first, and the generator by those that they have moved from: neither has seen the other's move,
        as if one gradient moved both.
        """
        generator = Player("generator", [self.generator, self.loss], self.losses)
        latents = Player("latents", [self.latents], self.latent_losses, after=self.constrain)
        return (latents, generator) if self.flowing else (generator,)

    def prepare(self, source: Source) -> None:
        """Initialise the latents.

        Raises:
            UsageError: The data are mirrored, and a latent would have to stand for two pictures.
        """
        if source.flip:
            raise UsageError(
                "each latent of this model stands for one picture, so none is mirrored: add data.flip=false."
            )
        if self.clock.turn == 0:
            self.latents.rows.data.copy_(self.start(source.train, self.latent_dim))
            self.constrain()

    def constrain(self) -> None:
        """Project all latents, for other ranks moved other rows."""
        if self.constraint is not None:
            self.constraint.apply_(self.latents)

    def losses(self, batch: Batch) -> Losses:
        """Reconstruction error per dimension."""
        return self._error(self._met.pop(0) if self._met else self.latents(batch.index), batch)

    def _error(self, z: Tensor, batch: Batch) -> Losses:
        raw = self.generator(z, batch.y).float()
        return {"reconstruction": per_dimension(self.loss(raw, batch.x), batch.x)}

    def latent_losses(self, batch: Batch) -> Losses:
        """Reconstruction error, as the latents minimise it.

        The running statistics of the generator's normalisation change in its own moves only.
        """
        z = self.latents(batch.index)
        self._met.append(z.detach())
        with batch_statistics(self.generator):
            return self._error(z, batch)

    def latents_of(self, index: Tensor) -> Tensor:
        """Give the latents (B, latent_dim) of the training items at `index`."""
        return self.latents(index)

    def recall(self, index: Tensor, y: Tensor | None = None) -> Tensor:
        """Reconstruct the training items at `index` (B,) as in training: with batch statistics."""
        with batch_statistics(self.generator):
            return self.decode(self.latents(index), y)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that latents stand for."""
        return self.loss.image(self.generator(z, y).float())

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents and decode them to (n, *shape) in [-1, 1]."""
        z = like(self.latents.rows, n) if self.prior is None else self.prior.sample(n, self.latent_dim, self.device)
        return self.decode(z, self.labels(n, y))
