"""Gretton et al. (2012): A kernel two-sample test, https://jmlr.org/papers/v13/gretton12a.html."""

from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.losses.discrepancy import kernel, median_square, mmd2_of_cuts


class TwoSample(NamedTuple):
    """The unbiased MMD² of two samples, and the probability of one as large if they come from one distribution."""

    mmd2: float
    p: float


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
    k = kernel(pooled, median_square(pooled))
    observed, *others = mmd2_of_cuts(k, torch.cat([labels[None], labels[order]])).tolist()
    return TwoSample(observed, (1 + sum(other >= observed for other in others)) / (permutations + 1))
