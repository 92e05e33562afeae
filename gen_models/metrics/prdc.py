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
    return _share(within(fake.x, real.x).any(0))


def recall(fake: Features, real: Features) -> Estimate:
    """Share of real points that are in a ball of a generated one."""
    return _share(within(real.x, fake.x).any(0))


def density(fake: Features, real: Features) -> Estimate:
    """Balls of real points that a generated one is in, in units of k: about 1 for real points, and at times above."""
    counts = within(fake.x, real.x).double().sum(0) / K
    return Estimate(float(counts.mean()), float(counts.std() / math.sqrt(len(counts))), {"k": K})


def coverage(fake: Features, real: Features) -> Estimate:
    """Share of real points whose ball has a generated one."""
    return _share(within(fake.x, real.x).any(1))


def within(points: Tensor, centres: Tensor) -> Tensor:
    """Whether points (N, F) are in the balls of centres (M, F), as (M, N) booleans; a ball's edge is not in it."""
    points, centres = points.double(), centres.double()
    radii = torch.cdist(centres, centres).kthvalue(min(K + 1, len(centres)), dim=1).values  # the first is the centre
    return torch.cdist(centres, points) < radii[:, None]


def _share(hits: Tensor) -> Estimate:
    share = float(hits.double().mean())
    return Estimate(share, math.sqrt(share * (1 - share) / len(hits)), {"k": K})


PRECISION = of_features("precision", "precision", precision, higher_is_better=True)
RECALL = of_features("recall", "recall", recall, higher_is_better=True)
DENSITY = of_features("density", "density", density, higher_is_better=True)
COVERAGE = of_features("coverage", "coverage", coverage, higher_is_better=True)
