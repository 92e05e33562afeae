"""Are samples copies of training items?"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import normalize

THRESHOLD = 0.1
SMALLEST = 1e-6
"""The distance that exact copies are given, which MiFID divides by."""
CHUNK = 500


class Copying(NamedTuple):
    """Probability that a sample is nearer to the training items than a held-out item is, and its standard error."""

    value: float
    error: float


def nearest(x: Tensor, items: Tensor, count: int = 1) -> tuple[Tensor, Tensor]:
    """Distances and positions (N, count) of the nearest of `items` (M, F) to points (N, F), nearest first."""
    found = [torch.cdist(part, items).topk(count, largest=False) for part in x.split(CHUNK)]
    return torch.cat([part.values for part in found]), torch.cat([part.indices for part in found])


def copying(samples: Tensor, held_out: Tensor, training: Tensor) -> Copying:
    """Rank distances to the training items (Meehan et al. 2020: A non-parametric test to detect data-copying).

    ½ is what fresh data has; above it samples are copies, below it they are far from all data. The error is that of
    the Mann-Whitney statistic without a difference.
    """
    own, others = nearest(samples, training)[0], nearest(held_out, training)[0]
    nearer = (own < others.T).double() + 0.5 * (own == others.T)
    m, n = nearer.shape
    return Copying(float(nearer.mean()), math.sqrt((m + n + 1) / (12 * m * n)))


def memorisation_distance(samples: Tensor, training: Tensor) -> float:
    """Mean cosine distance of samples (N, F) to the nearest training item; 1 above `THRESHOLD`.

    FID divided by it is MiFID (Bai et al. 2021: On training sample memorization, section 3.2).
    """
    unit = normalize(training.double())
    parts = [1 - (normalize(part.double()) @ unit.T).abs().amax(1) for part in samples.split(CHUNK)]
    distance = max(float(torch.cat(parts).mean()), SMALLEST)
    return distance if distance < THRESHOLD else 1.0
