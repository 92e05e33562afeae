"""Differentiable two-sample distances: Fréchet distance and maximum mean discrepancy."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


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


def mmd2(fake: Tensor, real: Tensor, scales: Sequence[float]) -> Tensor:
    """Unbiased squared maximum mean discrepancy (MMD²) of (M, F) and (N, F).

    Gretton et al. (2012), equation 3, https://jmlr.org/papers/v13/gretton12a.html.

    The kernel is a mean of Gaussians as wide as `scales` times the median distance of real samples.
    """
    width = torch.pdist(real.detach()).square().median().clamp(min=torch.finfo(real.dtype).tiny)
    within = sum(_off_diagonal_mean(_kernel(x, x, scales, width)) for x in (fake, real))
    return within - 2 * _kernel(fake, real, scales, width).mean()


def nearest_distance(x: Tensor) -> Tensor:
    """Distances (N,) of vectors (N, F) to their nearest neighbours among them."""
    squares = _squares(x, x) + torch.diag(x.new_full((len(x),), torch.inf))
    return squares.min(1).values.clamp(min=1e-12).sqrt()


def _kernel(x: Tensor, y: Tensor, scales: Sequence[float], width: Tensor) -> Tensor:
    squares = _squares(x, y)
    return torch.stack([(-0.5 * squares / (scale**2 * width)).exp() for scale in scales]).mean(0)


def _squares(x: Tensor, y: Tensor) -> Tensor:
    """Squared distances; the gradient of `cdist` at equal vectors is of no use."""
    products = x @ y.T
    return (x.square().sum(1)[:, None] + y.square().sum(1) - 2 * products).clamp(min=0)


def _off_diagonal_mean(matrix: Tensor) -> Tensor:
    return (matrix.sum() - matrix.diagonal().sum()) / (len(matrix) * (len(matrix) - 1))
