"""How much of each of two sets lies within the other, by balls that reach to a point's k-th neighbour in its own set.

Kynkäänniemi et al. (2019): Improved precision and recall metric for assessing generative models, equations 1 to 3;
Naeem et al. (2020): Reliable fidelity and diversity metrics for generative models, equations 3 and 4.
"""

import math

import torch
from torch import Tensor

from gen_models.metrics.features import Features
from gen_models.metrics.figure import of_features
from gen_models.metrics.record import Estimate

K = 5
"""Neighbours, as in Naeem et al.; Kynkäänniemi et al. take 3."""


def precision(fake: Features, real: Features) -> Estimate:
    """Share of generated points that are in a ball of a real one."""
    return _share(within(fake.x, real.x).any(0), fake, real)


def recall(fake: Features, real: Features) -> Estimate:
    """Share of real points that are in a ball of a generated one."""
    return _share(within(real.x, fake.x).any(0), fake, real)


def density(fake: Features, real: Features) -> Estimate:
    """Balls of real points that a generated one is in, in units of k: about 1 for real points, and at times above."""
    counts = within(fake.x, real.x).double().sum(0) / K
    return _estimate(float(counts.mean()), float(counts.std() / math.sqrt(len(counts))), fake, real)


def coverage(fake: Features, real: Features) -> Estimate:
    """Share of real points whose ball has a generated one."""
    return _share(within(fake.x, real.x).any(1), fake, real)


def within(points: Tensor, centres: Tensor) -> Tensor:
    """Whether points (N, F) are in the balls of centres (M, F), as (M, N) booleans; a ball's edge is not in it."""
    points, centres = points.double(), centres.double()
    radii = torch.cdist(centres, centres).kthvalue(min(K + 1, len(centres)), dim=1).values  # the first is the centre
    return torch.cdist(centres, points) < radii[:, None]


def duplicates(points: Tensor) -> int:
    """How many of the points (N, F) are copies of others; a point with k copies has a ball of radius 0."""
    return len(points) - len(points.unique(dim=0))


def _share(hits: Tensor, fake: Features, real: Features) -> Estimate:
    share = float(hits.double().mean())
    return _estimate(share, math.sqrt(share * (1 - share) / len(hits)), fake, real)


def _estimate(value: float, error: float, fake: Features, real: Features) -> Estimate:
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
