"""Mixtures of Gaussians of one width: the density of every toy, and the source of its points."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

REACH = 5.0  # standard deviations beyond which nothing is drawn: 6e-7 of the mass


@dataclass(frozen=True)
class Mixture:
    r"""The density :math:`p(x) = \sum_k w_k \, \mathcal{N}(x \mid c_k, s^2 I)`.

    Attributes:
        centres: (K, D) float64.
        weights: (K,) float64 that sum to one.
        std: The standard deviation s of every component.
    """

    centres: np.ndarray
    weights: np.ndarray
    std: float

    def draw(self, count: int, random: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
        """Independent points (count, D) float32, and the component of each (count,) int64."""
        component = random.choice(len(self.weights), size=count, p=self.weights)
        noise = random.standard_normal((count, self.centres.shape[1])).clip(-REACH, REACH)
        return (self.centres[component] + self.std * noise).astype(np.float32), component.astype(np.int64)

    def nearest(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Component (B,) whose centre is nearest to each point (B, D), and the distance (B,) in standard deviations."""
        centres = torch.as_tensor(self.centres, dtype=x.dtype, device=x.device)
        distance, component = torch.cdist(x, centres, compute_mode="donot_use_mm_for_euclid_dist").min(dim=1)
        return component, distance / self.std

    def log_density(self, x: Tensor) -> Tensor:
        """Log density in nats of points (B, D): (B,), on their device."""
        centres, weights = (torch.as_tensor(a, dtype=x.dtype, device=x.device) for a in (self.centres, self.weights))
        scale = -0.5 / self.std**2
        constant = weights.log() - 0.5 * x.shape[1] * math.log(2 * math.pi * self.std**2)
        # differences rather than matrix products, which lose digits; in parts, to bound the memory
        distances = (torch.cdist(part, centres, compute_mode="donot_use_mm_for_euclid_dist") for part in x.split(4096))
        return torch.cat([torch.logsumexp(scale * distance.square() + constant, dim=1) for distance in distances])
