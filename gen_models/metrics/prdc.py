"""How much of each of two sets lies within the other, by balls that reach to a point's k-th neighbour in its own set.

Kynkäänniemi et al. (2019): Improved precision and recall metric for assessing generative models, equations 1 to 3,
https://arxiv.org/abs/1904.06991; Naeem et al. (2020): Reliable fidelity and diversity metrics for generative models,
equations 3 and 4, https://arxiv.org/abs/2002.09797.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.metrics.features import Features
from gen_models.metrics.figure import of_features
from gen_models.metrics.record import Estimate
from gen_models.metrics.remembered import remembered, remembered_pair
from gen_models.metrics.standard_errors import mean_error, share_error

K = 5
"""Neighbours, as in Naeem et al.; Kynkäänniemi et al. take 3."""
BLOCK = 2**26
"""Distances in memory at a time: half a gigabyte."""


def precision(fake: Features, real: Features) -> Estimate:
    """Share of generated points that are in a ball of a real one."""
    return _share(hits(fake.x, real.x).balls > 0, fake, real)


def recall(fake: Features, real: Features) -> Estimate:
    """Share of real points that are in a ball of a generated one."""
    return _share(hits(fake.x, real.x).recalled, fake, real)


def density(fake: Features, real: Features) -> Estimate:
    """Balls of real points that a generated one is in, in units of k: about 1 for real points, and at times above."""
    counts = hits(fake.x, real.x).balls.double() / K
    return _estimate(float(counts.mean()), mean_error(counts), fake, real)


def coverage(fake: Features, real: Features) -> Estimate:
    """Share of real points whose ball has a generated one."""
    return _share(hits(fake.x, real.x).covered, fake, real)


class Hits(NamedTuple):
    """Which of two sets, (N, F) generated and (M, F) real, are in balls of the other; a ball's edge is not in it.

    Attributes:
        balls: (N,) balls of real points that each generated one is in.
        covered: (M,) whether a real point's ball has a generated one.
        recalled: (M,) whether a real point is in a ball of a generated one.
    """

    balls: Tensor
    covered: Tensor
    recalled: Tensor


@remembered_pair
def hits(fake: Tensor, real: Tensor) -> Hits:
    """Compare all pairs once, for the four figures; a block of distances at a time, in float64."""
    own, others = radii(fake), radii(real)
    balls, covered, recalled = [], torch.zeros_like(others).bool(), torch.zeros_like(others).bool()
    rows = max(1, BLOCK // len(real))
    for part, radius in zip(fake.double().split(rows), own.split(rows), strict=True):
        distances = torch.cdist(part, real.double())
        inside = distances < others
        balls.append(inside.sum(1))
        covered |= inside.any(0)
        recalled |= (distances < radius[:, None]).any(0)
    return Hits(torch.cat(balls), covered, recalled)


@remembered
def radii(points: Tensor) -> Tensor:
    """Distances (N,) of points (N, F) to their k-th neighbours."""
    points, k = points.double(), min(K + 1, len(points))  # the first is the point itself
    blocks = points.split(max(1, BLOCK // len(points)))
    return torch.cat([torch.cdist(block, points).kthvalue(k, dim=1).values for block in blocks])


@remembered
def duplicates(points: Tensor) -> int:
    """How many of the points (N, F) are copies of others; a point with k copies has a ball of radius 0."""
    return len(points) - len(points.unique(dim=0))


def _share(hits: Tensor, fake: Features, real: Features) -> Estimate:
    share = float(hits.double().mean())
    return _estimate(share, share_error(share, len(hits)), fake, real)


def _estimate(value: float, error: float | None, fake: Features, real: Features) -> Estimate:
    """A figure whose protocol counts the copies in the real set, where there are any; those in samples are found."""
    copies, own = duplicates(real.x), duplicates(fake.x)
    warning = f"{copies} of {len(real.x)} real items are copies, whose balls are small or empty"
    protocol = {"k": K} | ({"duplicates": copies} if copies else {})
    found = ({"warning": warning} if copies else {}) | ({"duplicates": own} if own else {})
    return Estimate(value, error, protocol, found)


PRECISION = of_features("precision", "precision", precision, higher_is_better=True)
RECALL = of_features("recall", "recall", recall, higher_is_better=True)
DENSITY = of_features("density", "density", density, higher_is_better=True)
COVERAGE = of_features("coverage", "coverage", coverage, higher_is_better=True)
