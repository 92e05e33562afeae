"""Masks: of rows that are kept, and of tokens that are hidden in training and after each step of drawing.

Chang et al. 2022, MaskGIT, section 3, https://arxiv.org/abs/2202.04200. In drawing counts are rounded down, as in the
authors' code (google-research/maskgit, parallel_decode.py).
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def hidden_at_random(n: int, grid: Sequence[int], device: torch.device) -> Tensor:
    """Hide ⌈cos(πr/2) N⌉ of N tokens, with r uniform in [0, 1): masks (n, *grid) that are true where one is hidden."""
    shares = (torch.rand(n, 1, device=device) * (math.pi / 2)).cos()
    return least(torch.rand(n, math.prod(grid), device=device), (shares * math.prod(grid)).ceil()).unflatten(1, grid)


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
