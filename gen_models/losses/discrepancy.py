"""Differentiable two-sample distances: Fréchet distance and maximum mean discrepancy."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Widths of the kernel of MMD in medians of the distances; the kernel is the mean over them."""


class Moments(NamedTuple):
    """Moments of a Gaussian: its mean (F,), and R (F, F) with R Rᵀ its covariance."""

    mean: Tensor
    root: Tensor


def moments(features: Tensor) -> Moments:
    """The Gaussian of features (N, F), with the symmetric root of their unbiased covariance."""
    variances, axes = torch.linalg.eigh(torch.cov(features.T).view(features.shape[1], -1))
    return Moments(features.mean(0), axes * variances.clamp(min=0).sqrt() @ axes.T)


def frechet(features: Tensor, target: Moments) -> Tensor:
    """Squared Fréchet distance of the Gaussian of features (N, F) to another one.

    Dowson and Landau (1982), https://doi.org/10.1016/0047-259X(82)90077-X.

    ‖m - μ‖² + tr S + tr Σ - 2 tr (Σ^½ S Σ^½)^½. With S = XᵀX / (N - 1) the last trace is the sum of the singular values
    of X Σ^½ / √(N - 1), whose gradient is finite also where S has no full rank, as with fewer samples than features.
    """
    centred = (features - features.mean(0)) / (len(features) - 1) ** 0.5
    apart = (features.mean(0) - target.mean).square().sum()
    overlap = torch.linalg.svdvals(centred @ target.root).sum()
    return apart + centred.square().sum() + target.root.square().sum() - 2 * overlap


def mmd2(fake: Tensor, real: Tensor, scales: Sequence[float] = SCALES) -> Tensor:
    """Unbiased squared maximum mean discrepancy (MMD²) of (M, F) and (N, F), a scalar.

    Gretton et al. (2012), equation 3, https://jmlr.org/papers/v13/gretton12a.html.

    The kernel is as wide as `scales` times the median distance of real samples.
    """
    everything = torch.cat([fake, real])
    first = torch.arange(len(everything), device=fake.device).lt(len(fake)).to(fake.dtype)
    return mmd2_of_cuts(kernel(everything, median_square(real), scales), first[None])[0]


def mmd2_of_cuts(k: Tensor, first: Tensor) -> Tensor:
    """Equation 3 of Gretton et al. (2012), the unbiased MMD², for each of P ways to cut N points in two.

    A kernel two-sample test, https://jmlr.org/papers/v13/gretton12a.html.

    Args:
        k: (N, N) kernel matrix of all points.
        first: (P, N): 1 where a point is of the first sample, else 0.

    Returns:
        (P,); it may be below zero, since its mean is zero for samples of one distribution.
    """
    k = k - torch.diag(k.diagonal())
    m, second = first.sum(1), 1 - first
    n, mixed = second.sum(1), first @ k
    within, between = (mixed * first).sum(1), (mixed * second).sum(1)
    other = ((second @ k) * second).sum(1)
    return within / (m * (m - 1)) + other / (n * (n - 1)) - 2 * between / (m * n)


def kernel(x: Tensor, width: Tensor, scales: Sequence[float] = SCALES) -> Tensor:
    """The kernel matrix (N, N) of points (N, F): the mean of Gaussians over scales, of a squared width."""
    squares = _squares(x, x)
    return torch.stack([(-0.5 * squares / (scale**2 * width)).exp() for scale in scales]).mean(0)


def median_square(x: Tensor) -> Tensor:
    """The median of the squared distances of points (N, F), which carries no gradient."""
    return torch.pdist(x.detach()).square().median().clamp(min=torch.finfo(x.dtype).tiny)


def nearest_distance(x: Tensor) -> Tensor:
    """Distances (N,) of vectors (N, F) to their nearest neighbours among them."""
    squares = _squares(x, x) + torch.diag(x.new_full((len(x),), torch.inf))
    return squares.min(1).values.clamp(min=1e-12).sqrt()


def _squares(x: Tensor, y: Tensor) -> Tensor:
    """Squared distances; the gradient of `cdist` at equal vectors is of no use."""
    products = x @ y.T
    return (x.square().sum(1)[:, None] + y.square().sum(1) - 2 * products).clamp(min=0)
