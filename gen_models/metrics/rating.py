"""Ratings of generators and critics over all their encounters."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

ELO = 400 / math.log(10)
"""Points of a unit of logits: 400 points are odds of ten to one."""
STEPS = 100


class Ratings(NamedTuple):
    """Points with their standard errors: of the R sides that are judged and of the C that judge, each (R,) or (C,)."""

    judged: Tensor
    judged_error: Tensor
    judges: Tensor
    judges_error: Tensor


def rate(shares: Tensor, met: Tensor, n: int) -> Ratings:
    """Fit logit P(judge c takes a sample of r for real) = g_r - d_c (Bradley and Terry 1952) by maximum likelihood.

    The difference of two judged sides is thereby free of how strict their judges were. Half a success and half a
    failure are added everywhere, which keeps ratings finite.

    Args:
        shares: (R, C) of samples that were taken for real.
        met: (R, C) booleans: which encounters count.
        n: Samples in each.

    Returns:
        Ratings whose mean over the first C judged sides, the models, is 0.
    """
    rows, columns = shares.shape
    r, c = met.nonzero().T
    design = torch.zeros(len(r), rows + columns, dtype=torch.double)
    design[torch.arange(len(r)), r], design[torch.arange(len(r)), rows + c] = 1.0, -1.0
    targets = (shares.double()[met] * n + 0.5) / (n + 1)
    theta = torch.zeros(rows + columns, dtype=torch.double)
    for _ in range(STEPS):
        p = (design @ theta).sigmoid()
        theta = theta + torch.linalg.pinv(_information(design, p)) @ (design.T @ (targets - p))
    centred = torch.eye(rows + columns, dtype=torch.double)
    centred[:, :columns] -= 1 / columns
    covariance = centred @ torch.linalg.pinv((n + 1) * _information(design, (design @ theta).sigmoid())) @ centred.T
    points, errors = ELO * (centred @ theta), ELO * covariance.diagonal().clamp_min(0).sqrt()
    (judged, judges), (judged_error, judges_error) = points.split([rows, columns]), errors.split([rows, columns])
    return Ratings(judged, judged_error, judges, judges_error)


def _information(design: Tensor, p: Tensor) -> Tensor:
    return design.T @ (design * (p * (1 - p))[:, None])
