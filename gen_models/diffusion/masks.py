"""Masked diffusion: schedules by which the levels of a sample are hidden.

Shi et al. 2024, Simplified and generalized masked diffusion for discrete data, https://arxiv.org/abs/2406.04329, as in
google-deepmind/md4, md4/models/diffusion/md4.py. The share that is hidden at time t is theirs 1 - α(t); here it goes
from 0 to 1 exactly, theirs within 1e-4 of both.
"""

import math
from abc import ABC, abstractmethod

from torch import Tensor

from gen_models.bounds import Scale


class MaskSchedule(ABC):
    """Schedule of masked diffusion: the share h(t) of levels that are hidden at times t from 0, the data, to 1."""

    @abstractmethod
    def hidden(self, t: Tensor) -> Tensor:
        """Give h(t)."""

    @abstractmethod
    def time(self, hidden: Tensor) -> Tensor:
        """Give the time at which a share is hidden: the inverse of `hidden`."""


class PolynomialMasks(MaskSchedule):
    """Polynomial schedule h(t) = tᵖ; linear, as published for the best likelihoods, with p = 1.

    Args:
        power: p. Above 1 more of the times hide little.
    """

    def __init__(self, power: Scale = 1.0) -> None:
        self.power = power

    def hidden(self, t: Tensor) -> Tensor:
        """Give tᵖ."""
        return t**self.power

    def time(self, hidden: Tensor) -> Tensor:
        """Give the p-th root."""
        return hidden ** (1 / self.power)


class CosineMasks(MaskSchedule):
    """Cosine schedule h(t) = cos(π/2 (1 - t)), as published for the best pictures."""

    def hidden(self, t: Tensor) -> Tensor:
        """Give sin(π/2 t), which is the same."""
        return (t * (math.pi / 2)).sin()

    def time(self, hidden: Tensor) -> Tensor:
        """Give the inverse."""
        return hidden.asin() * (2 / math.pi)
