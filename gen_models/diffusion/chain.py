"""Markov chain of noise levels of DDPM (Ho et al. 2020, https://arxiv.org/abs/2006.11239).

Steps are t = 1, …, T as in the paper, and ᾱ_0 = 1 is the data.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.diffusion.spread import spread


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
        return Step(*(spread(value.to(x), x) for value in self))


class NoiseChain:
    """Forward process: noise is added in steps, so that x_t ~ N(√ᾱ_t x_0, 1 - ᾱ_t).

    Args:
        alpha_bars: (T + 1,) float64, falling from 1.
    """

    def __init__(self, alpha_bars: Tensor) -> None:
        self.alpha_bars = alpha_bars
        self.steps = len(alpha_bars) - 1
        self._table = _table(alpha_bars, torch.arange(self.steps + 1))
        self._near = self._table  # beside the data of a training

    def at(self, t: int | Tensor) -> Step:
        """Give the step from t, 1 to T, to t - 1; of (B,) int64 on the processor, (B,) numbers each."""
        return Step(*self._table[:, t - 1])

    def drawn(self, n: int, x: Tensor) -> Step:
        """Give n steps from uniform t to t - 1 beside x (n, *shape), drawn on its device, where a table stays."""
        if (self._near.device, self._near.dtype) != (x.device, x.dtype):
            self._near = self._table.to(x)
        return Step(*(spread(row, x) for row in self._near[:, torch.randint(self.steps, (n,), device=x.device)]))

    def between(self, t: int, end: int) -> Step:
        """Give the step from t to any earlier `end`, as of a chain without those between.

        Nichol and Dhariwal (2021), section 4, https://arxiv.org/abs/2102.09672: its betas follow from ᾱ_t.
        """
        ends = torch.tensor([end, t])
        return step_between(self.alpha_bars[ends], ends)

    def spaced(self, steps: int) -> list[int]:
        """Give T, …, 1 and 0, or `steps` + 1 of these times, evenly spaced."""
        kept = torch.linspace(self.steps, 1, steps) if steps > 1 else torch.tensor([float(self.steps)])
        return [*kept.round().long().tolist(), 0]


def step_between(alpha_bars: Tensor, times: Tensor) -> Step:
    """Give the step from the second to the first of two times (2,), at which ᾱ are these (2,)."""
    return Step(*_table(alpha_bars, times)[:, 0])


def _table(alpha_bars: Tensor, times: Tensor) -> Tensor:
    """The entries of the steps between neighbouring ᾱ (S + 1,), (entries, S) float64."""
    now, before = alpha_bars[1:], alpha_bars[:-1]
    alpha, left = now / before, 1 - now
    least = (1 - alpha) * (1 - before) / left
    of_data, of_state = before.sqrt() * (1 - alpha) / left, alpha.sqrt() * (1 - before) / left
    first = least[1] if len(least) > 1 else 1 - alpha[0]  # the first step itself has no variance
    log_least = torch.where(before < 1, least, first).log()
    rows = (times[1:], now.sqrt(), left.sqrt(), before, of_data, of_state, 1 - alpha, least, log_least)
    return torch.stack([row.to(torch.float64) for row in rows])
