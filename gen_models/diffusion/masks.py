"""Masked diffusion: schedules by which the levels of a sample are hidden, and the masks by which it is trained.

Shi et al. 2024, Simplified and generalized masked diffusion for discrete data, https://arxiv.org/abs/2406.04329, as in
google-deepmind/md4, md4/models/diffusion/md4.py. The share that is hidden at time t is theirs 1 - α(t); here it goes
from 0 to 1 exactly, theirs within 1e-4 of both.
"""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.bounds import Scale
from gen_models.diffusion.solvers import wide


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


class Mask(NamedTuple):
    """Levels that are hidden, and what their cross-entropy counts.

    Attributes:
        hidden: (B, *shape) where they are.
        time: (B,) when so many are.
        weight: (B,) of the sum over them.
    """

    hidden: Tensor
    time: Tensor
    weight: Tensor


def masked_at(schedule: MaskSchedule, t: Tensor, like: Tensor) -> Mask:
    """Hide n = ⌈h(t) D⌉ of the D levels of each sample, at random.

    The negative bound of masked diffusion is Σ_n 1/n E[cross-entropy of n hidden levels, summed] (Hoogeboom et al.
    2022, https://arxiv.org/abs/2110.02037), so that this sum counts 1 / (n P(n)) where t is uniform. Shi et al. hide
    each level for itself with probability h(t), with weights h'(t) / h(t): the same in the mean, but the number then
    varies beside its weight, which is large where little is hidden.

    Args:
        schedule: h.
        t: (B,) times in (0, 1].
        like: (B, *shape).
    """
    size = like[0].numel()
    count = (schedule.hidden(wide(t)) * size).ceil().clamp(1, size)
    before, time = schedule.time((count - 1) / size), schedule.time(count / size)
    order = torch.rand(len(like), size, device=like.device).argsort(1).argsort(1)
    hidden = (order < count[:, None]).view_as(like)
    return Mask(hidden, time.float(), (1 / (count * (time - before))).float())


def spread_times(n: int, device: torch.device) -> Tensor:
    """Draw (n,) times in (0, 1], each uniform, that lie 1/n apart (Kingma et al. 2021, https://arxiv.org/abs/2107.00630).

    A mean over them varies less than over independent ones.
    """
    first = torch.rand((), device=device)
    return 1 - (first + torch.arange(n, device=device) / n) % 1
