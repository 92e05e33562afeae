"""Pairs of times between which a mean velocity is trained (MeanFlow).

Geng et al. 2025, section 4.3, https://arxiv.org/abs/2505.13447, and Gsunshine/py-meanflow, models/time_sampler.py. Time
runs from 0, data, to 1, noise.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from gen_models.diffusion.times import Times


class TimePairs(ABC):
    """Joint distribution of two times r ≤ t in [0, 1]."""

    @abstractmethod
    def draw(self, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Draw r and t, (n,) float32 each."""


class SortedTimes(TimePairs):
    """Sorted times: two of one distribution; the paper's choice.

    Args:
        times: What both are drawn from.
        differing: Share of the items whose times differ; the others learn the velocity itself.
    """

    def __init__(self, times: Times, differing: float = 0.25) -> None:
        self.times = times
        self.differing = differing

    def draw(self, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Draw two, the greater one of which is t."""
        first, second = self.times.draw(n, device), self.times.draw(n, device)
        t = torch.maximum(first, second)
        return torch.where(torch.rand(n, device=device) < self.differing, torch.minimum(first, second), t), t


class CappedTimes(TimePairs):
    """Capped times: r has a distribution of its own, and is at most t; that of the authors' later code.

    Args:
        times: What t is drawn from.
        lower: What r is drawn from.
        differing: Share of the items whose times may differ.
    """

    def __init__(self, times: Times, lower: Times, differing: float = 0.75) -> None:
        self.times, self.lower = times, lower
        self.differing = differing

    def draw(self, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Draw both, and cap r."""
        t, r = self.times.draw(n, device), self.lower.draw(n, device)
        return torch.where(torch.rand(n, device=device) < self.differing, torch.minimum(r, t), t), t
