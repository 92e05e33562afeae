"""Optimal denoiser of data whose density is known.

Karras et al. 2022, appendix B.3, https://arxiv.org/abs/2206.00364, there for a finite set of points.
"""

from itertools import pairwise

import torch
from torch import Tensor

from gen_models.data.mixture import Mixture
from gen_models.diffusion.grids import karras
from gen_models.diffusion.solvers import Heun


def posterior_mean(data: Mixture, x: Tensor, sigma: Tensor) -> Tensor:
    """Give the least squares denoiser D*(x; σ) = E(y | y + σ n = x), (B, D), of a mixture of Gaussians or of points.

    Args:
        data: The distribution of y; a standard deviation of 0 makes it one of points.
        x: (B, D) noisy samples.
        sigma: (B,) standard deviations of their noise.
    """
    centres, weights = (torch.as_tensor(table).to(x) for table in (data.centres, data.weights))
    total = data.std**2 + sigma.square()[:, None]
    distances = (x[:, None] - centres).square().sum(2)
    share = (weights.log() - 0.5 * distances / total).softmax(1)
    return (data.std**2 * x + sigma.square()[:, None] * (share @ centres)) / total


def perfect_path(data: Mixture, z: Tensor, steps: int, low: float, high: float) -> list[Tensor]:
    """Give the states (B, D) of EDM's solver from noise z (B, D) ~ N(0, 1) with the optimal denoiser, to σ = 0."""

    def velocity(x: Tensor, sigma: float) -> Tensor:
        return (x - posterior_mean(data, x, x.new_full((len(x),), sigma))) / sigma

    levels, path = karras(steps, low, high), [high * z]
    for sigma, end in pairwise(levels):
        path.append(Heun().step(velocity, path[-1], sigma, end))
    return [*path, posterior_mean(data, path[-1], z.new_full((len(z),), levels[-1]))]
