"""Generative moment matching networks (GMMN: Li et al. 2015, https://arxiv.org/abs/1502.02761), and their kin.

The kin are generators trained by other fixed losses, as by a metric.
"""

from collections.abc import Mapping
from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.judges.base import Judge, panel_of_samples
from gen_models.latents.priors import Prior


class Judged(GenerativeModel):
    """GMMN and its kin: a generator trained by judges, fixed losses of its samples, without a critic that learns.

    With the judge `MMD` it is the generative moment matching network itself.

    Args:
        generator: Latents (B, latent_dim) and classes to samples.
        judges: The terms of its objective.
        prior: What latents are drawn from.
        latent_dim: Size of a latent.
        generator_batches: Samples in a move, for each real one in the batch.
        training: Options of the engine.

    Raises:
        UsageError: There is no judge.
    """

    def __init__(
        self,
        generator: nn.Module,
        judges: Mapping[str, Judge],
        prior: Prior,
        latent_dim: int,
        generator_batches: Positive = 1,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        if not judges:
            raise UsageError("this model learns from judges alone: choose some, such as judge=[mmd].")
        self.generator = generator
        self.judges = panel_of_samples(judges)
        self.prior = prior
        self.latent_dim = latent_dim
        self.generator_batches = generator_batches

    def prepare(self, source: Source) -> None:
        """Let the judges see the data."""
        self.judges.prepare(source, self.device)

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("generator", [self.generator], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """The judges' losses of fresh samples."""
        y = batch.y.repeat(self.generator_batches)
        fake = self.generate(self.prior.sample(len(y), self.latent_dim, self.device), y)
        return self.judges(fake, batch.x, y)

    def generate(self, z: Tensor, y: Tensor) -> Tensor:
        """Map latents to samples (B, *shape), as float32 also under autocast."""
        return self.generator(z, y).float()

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]."""
        return self.generate(self.prior.sample(n, self.latent_dim, self.device), self.labels(n, y))
