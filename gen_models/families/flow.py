"""Normalising flows, trained by maximum likelihood: exact for points, a bound by dequantisation for pixels.

NICE (Dinh et al. 2015, https://arxiv.org/abs/1410.8516), Real NVP (Dinh et al. 2017, https://arxiv.org/abs/1605.08803)
and Glow (Kingma and Dhariwal 2018, https://arxiv.org/abs/1807.03039) differ in the network.
"""

import math
from collections.abc import Mapping
from typing import Unpack

import torch
from torch import Tensor

from gen_models.augment.base import Augment
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.families.tempered import Tempered
from gen_models.latents.priors import BaseDensity
from gen_models.losses.bound import importance_weighted
from gen_models.losses.weights import WeightPenalty
from gen_models.media.pixels import dequantised, log_bin, nearest_level
from gen_models.networks.flows.bijection import Flow


class NormalisingFlow(Tempered):
    """Normalising flow: an invertible network between data and latents of a known density.

    The objective is in bits per dimension, as are the papers' figures, so that rates do not depend on the data's size.

    Args:
        flow: Samples and classes to latents (B, D) and log-determinants, and back.
        prior: Density of the latents.
        levels: Levels of a pixel; None for points, whose density is taken as it is.
        temperature: Factor on latents in sampling; below 1 trades variety for fidelity (Kingma and Dhariwal 2018).
        augment: Changes training pictures, which are then brought to the nearest levels.
        weight_penalties: Terms that look at the flow's weights, in nats a sample.
        training: Options of the engine.
    """

    def __init__(
        self,
        flow: Flow,
        prior: BaseDensity,
        levels: int | None,
        temperature: float = 1.0,
        augment: Augment | None = None,
        weight_penalties: Mapping[str, WeightPenalty] | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(temperature, **training)
        self.flow = flow
        self.prior = prior
        self.levels = levels
        self.augment = augment
        self.weight_penalties = weight_penalties or {}

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("flow", [self.flow], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Change of variables: -log p(z) - log|det dz/dx|, and the penalties, all in bits per dimension."""
        x = batch.x if self.augment is None else self.augment(batch.x)
        nll = -self.log_prob(x, batch.y).mean()
        self.note("nll", nll)
        bits = self.flow.num_dims * math.log(2)
        losses = {"bits_per_dimension": nll / bits}
        for name, penalty in self.weight_penalties.items():
            losses[name] = penalty(self.flow) / bits
        return losses

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of pixels, as the bound by fresh dequantisation, or log-density of points."""
        if self.levels is None:
            return self._log_density(x, y)
        return self._log_density(dequantised(x, self.levels), y) + self.flow.num_dims * log_bin(self.levels)

    @property
    def likelihood_rule(self) -> str:
        """A density of points is exact; noise within the bins of pixels gives a bound (Theis et al. 2016)."""
        return "exact" if self.levels is None else "dequantised"

    def log_bound(self, x: Tensor, y: Tensor | None = None, draws: int = 1) -> Tensor:
        """Logarithm (B,) of the mean likelihood over draws of the noise within the pixels' bins, in nats.

        It rises to the probability of the pixels as draws are added (Hoogeboom et al. 2020,
        https://arxiv.org/abs/2001.11235); points have no bins, and are asked once.
        """
        if self.levels is None:
            return self.log_prob(x, y)
        return importance_weighted(lambda: self.log_prob(x, y), draws)

    def smooth_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """`log_prob` without noise: each level stands for the middle of its bin, and what lies between for itself."""
        if self.levels is None:
            return self._log_density(x, y)
        return self._log_density(x * (1 - 1 / self.levels), y) + self.flow.num_dims * log_bin(self.levels)

    def _log_density(self, x: Tensor, y: Tensor | None) -> Tensor:
        z, log_det = self.flow(x, y)
        return self.prior.log_prob(z) + log_det

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the latents (B, D) of points, or of the middles of the pixels' bins."""
        return self.flow(x if self.levels is None else x * (1 - 1 / self.levels), y)[0]

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the points, or the pixels in whose bins the flow's values lie: the inverse of `encode`."""
        x = self.flow.inverse(z, y)
        if self.levels is None:
            return x.clamp(-1, 1)
        return nearest_level(x / (1 - 1 / self.levels), self.levels)

    @property
    def evaluations(self) -> int:
        """Evaluations of the flow for a sample (NFE): steps of its inverse."""
        return self.flow.steps

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents from the prior and decode them to (n, *shape) in [-1, 1]."""
        return self.decode(self.draw_codes(n), self.labels(n, y))

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents (n, D) from the prior, at the temperature of samples."""
        return self.temperature * self.prior.sample(n, self.flow.num_dims, self.device)
