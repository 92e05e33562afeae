"""Gretton et al. (2012): A kernel two-sample test."""

from typing import NamedTuple

import torch
from torch import Tensor

SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Widths of the kernel in medians of the distances; the kernel is the mean over them."""


class TwoSample(NamedTuple):
    """The unbiased MMD² of two samples, and the probability of one as large if they come from one distribution."""

    mmd2: float
    p: float


def kernel(x: Tensor) -> Tensor:
    """The kernel matrix (N, N) of points (N, D): a mean of exp(-½ d² / w²) over widths w around the median of d."""
    squares = torch.cdist(x, x).square()
    median = squares[*torch.triu_indices(len(x), len(x), 1)].median().clamp_min(torch.finfo(x.dtype).tiny)
    return torch.stack([torch.exp(-0.5 * squares / (scale**2 * median)) for scale in SCALES]).mean(0)


def mmd2(k: Tensor, first: Tensor) -> Tensor:
    """Equation 3, the unbiased MMD², for each of P ways to cut N points in two.

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
    other = k.sum() - within - 2 * between
    return within / (m * (m - 1)) + other / (n * (n - 1)) - 2 * between / (m * n)


def two_sample_test(x: Tensor, y: Tensor, permutations: int = 500) -> TwoSample:
    """Test whether x (M, D) and y (N, D) come from one distribution, against random relabellings of all points.

    Args:
        x: The first sample, two points at least.
        y: The second.
        permutations: Relabellings; p is at least 1 / (permutations + 1).
    """
    pooled = torch.cat([x, y]).double().cpu()
    labels = torch.arange(len(pooled)).lt(len(x)).double()
    order = torch.rand(permutations, len(pooled)).argsort(1)
    observed, *others = mmd2(kernel(pooled), torch.cat([labels[None], labels[order]])).tolist()
    return TwoSample(observed, (1 + sum(other >= observed for other in others)) / (permutations + 1))
