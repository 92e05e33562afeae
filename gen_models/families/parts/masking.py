"""Masks: of rows that are kept, and of tokens or levels that are hidden in training and after each step of drawing.

Chang et al. 2022, MaskGIT, section 3, https://arxiv.org/abs/2202.04200. In drawing counts are rounded down, as in the
authors' code (google-research/maskgit, parallel_decode.py).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.diffusion.masks import MaskSchedule
from gen_models.diffusion.solvers import wide


def hidden_at_random(n: int, grid: Sequence[int], device: torch.device) -> Tensor:
    """Hide ⌈cos(πr/2) N⌉ of N tokens, with r uniform in [0, 1): masks (n, *grid) that are true where one is hidden."""
    shares = (torch.rand(n, 1, device=device) * (math.pi / 2)).cos()
    return least(torch.rand(n, math.prod(grid), device=device), (shares * math.prod(grid)).ceil()).unflatten(1, grid)


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
    hidden = least(torch.rand(len(like), size, device=like.device), count[:, None])
    return Mask(hidden.view_as(like), time.float(), (1 / (count * (time - before))).float())


def still_hidden(count: Tensor, step: int, steps: int) -> Tensor:
    """Give how many of `count` (n,) tokens are hidden after so many of all steps: ⌊cos(πt/2) count⌋, fewer each time.

    At least one is drawn in a step, and one is left for the next; after the last none is hidden.
    """
    if step >= steps:
        return torch.zeros_like(count)
    wanted = (math.cos(math.pi / 2 * step / steps) * count).floor().clamp(min=1)
    return wanted.minimum((count - step).clamp(min=0))


def rows_kept(x: Tensor, keep: int) -> Tensor:
    """Give a mask of the first rows (dimension 2) of samples (B, C, H, …), which broadcasts to them."""
    return (torch.arange(x.shape[2], device=x.device) < keep).view(-1, *[1] * (x.ndim - 3))


def least(values: Tensor, count: Tensor) -> Tensor:
    """Give a mask of the `count` (n, 1) smallest of values (n, N)."""
    return values.argsort(1).argsort(1) < count


def gumbel(like: Tensor) -> Tensor:
    """Draw from the standard Gumbel distribution, as many numbers as there are in a tensor."""
    return -(-torch.rand_like(like).clamp(min=1e-20).log()).clamp(min=1e-20).log()
