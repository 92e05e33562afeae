"""Markov chain of noise levels of DDPM (Ho et al. 2020, https://arxiv.org/abs/2006.11239).

Steps are t = 1, …, T as in the paper, and ᾱ_0 = 1 is the data.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor


class Step(NamedTuple):
    """Step t of a chain, from x_t to x_s: numbers in float64, each a scalar or (B,) for steps of several items.

    Attributes:
        time: t in the chain of all T steps.
        signal: √ᾱ_t.
        noise: √(1 - ᾱ_t).
        before: ᾱ_s.
        of_data: Factor of x_0 in the mean of q(x_s | x_t, x_0), equation 7.
        of_state: Factor of x_t in it.
        beta: β_t.
        least: β̃_t, the variance of q(x_s | x_t, x_0); 0 at the first step.
        log_least: Logarithm of β̃_t, at the first step of the second's.
    """

    time: Tensor
    signal: Tensor
    noise: Tensor
    before: Tensor
    of_data: Tensor
    of_state: Tensor
    beta: Tensor
    least: Tensor
    log_least: Tensor

    def beside(self, x: Tensor) -> "Step":
        """Give the numbers the device, the type and the dimensions of x (B, *shape), so that they multiply it."""
        return Step(*(value.to(x).view(-1, *(1,) * (x.ndim - 1)) for value in self))


class Chain:
    """Forward process: noise is added in steps, so that x_t ~ N(√ᾱ_t x_0, 1 - ᾱ_t).

    Args:
        alpha_bars: (S + 1,) float64 falling from 1.
        times: (S + 1,) of them in the chain that they are taken from; None numbers them.
    """

    def __init__(self, alpha_bars: Tensor, times: Tensor | None = None) -> None:
        self.alpha_bars = alpha_bars
        self.times = torch.arange(len(alpha_bars)) if times is None else times
        self.steps = len(alpha_bars) - 1
        now, before = alpha_bars[1:], alpha_bars[:-1]
        alpha, left = now / before, 1 - now
        least = (1 - alpha) * (1 - before) / left
        of_data, of_state = before.sqrt() * (1 - alpha) / left, alpha.sqrt() * (1 - before) / left
        clipped = torch.cat([least[1:2] if self.steps > 1 else (1 - alpha), least[1:]]).log()
        rows = (self.times[1:], now.sqrt(), left.sqrt(), before, of_data, of_state, 1 - alpha, least, clipped)
        self._table = torch.stack([row.to(torch.float64) for row in rows])

    def at(self, t: int | Tensor) -> Step:
        """Give the step t, from 1 to S; of (B,) int64 on the processor, (B,) numbers each."""
        return Step(*self._table[:, t - 1])

    def backwards(self) -> Iterator[Step]:
        """Give the steps from S to 1."""
        return (self.at(t) for t in range(self.steps, 0, -1))

    def respaced(self, steps: int) -> "Chain":
        """Keep `steps` of the steps, evenly spaced from the first to the last; the chain's betas follow from ᾱ_t.

        Nichol and Dhariwal (2021), section 4, https://arxiv.org/abs/2102.09672.
        """
        kept = torch.linspace(1, self.steps, steps).round().long() if steps > 1 else torch.tensor([self.steps])
        kept = torch.cat([torch.zeros(1, dtype=torch.long), kept])
        return Chain(self.alpha_bars[kept], self.times[kept])
