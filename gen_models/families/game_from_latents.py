"""Games whose generator maps latents to samples, as most do; what these have in common in sampling."""

from typing import Unpack

import torch
from torch import Tensor

from gen_models.families.game import Game
from gen_models.families.parts.trajectory import draws_at_once, steps
from gen_models.families.parts.two_player import Parts
from gen_models.latents.priors import Prior
from gen_models.networks.layers.statistics import standing_statistics


class GameFromLatents(Game):
    """Game whose samples are what the generator makes of latents that a prior draws.

    Args:
        prior: What latents are drawn from in training.
        sampling: What they are drawn from in sampling; None takes `prior` (truncation: Brock et al. 2019).
        options: Each of `Parts`.
    """

    def __init__(self, prior: Prior, sampling: Prior | None = None, **options: Unpack[Parts]) -> None:
        super().__init__(prior, **options)
        self.sampling = sampling or prior

    @property
    def draws_at_once(self) -> bool:
        """Whether the generator has a single step, as most have."""
        return draws_at_once(self.generator)

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw and give the pictures (T, n, *shape) in [-1, 1] after each step, or at each scale, of the generator."""
        z, y = self.latents(n), self.labels(n, y)
        return torch.stack([self.full_size(x.float()) for x in steps(self.generator, z, y)])

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]: the last picture of a trajectory."""
        z, y = self.latents(n), self.labels(n, y)
        return self.full_size(self.generate(z, y))

    def latents(self, n: int) -> Tensor:
        """Draw latents (n, latent_dim) for samples."""
        return self.sampling.sample(n, self.latent_dim, self.device)

    def truncate(self, limit: float, passes: int) -> None:
        """Sample truncated latents, with standing statistics of 64 samples a pass (Brock et al. 2019, section 3.1).

        Raises:
            UsageError: The prior can't be truncated.
        """
        self.sampling = self.prior.truncated(limit)
        standing_statistics(self.generator, lambda: self.sample(64), passes)
