"""RePaint (Lugmayr et al. 2022, https://arxiv.org/abs/2201.09865): completion by a model trained on whole items."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from gen_models.diffusion.dpm_solver import Advance, Coefficients
from gen_models.diffusion.solvers import wide

AGAIN = 9
"""Times that each step is taken back and repeated; ten passes are the paper's."""


def repaint(
    x: Tensor,
    known: Tensor,
    route: Sequence[float],
    start: float,
    coefficients: Coefficients,
    advance: Advance,
) -> Tensor:
    """Give states (B, *shape) at the end of the route that agree with what is known of x (algorithm 1).

    After each step the known part is put in with the noise of its time, and it is taken back and repeated, so that the
    rest agrees with it. The paper's figures take ten steps back at a time (its jump length); here it is one.

    Args:
        x: (B, *shape).
        known: Where, bool, broadcast to x.
        route: Times from noise to data.
        start: Standard deviation of the first states.
        coefficients: Of states.
        advance: A step of the model from a time to another.
    """
    state = wide(start * torch.randn_like(x))
    for t, end in pairwise(route):
        for left in range(AGAIN, -1, -1):
            state = advance(_held(state, x, known, coefficients(t)), t, end)
            state = _taken_back(state, coefficients(end), coefficients(t)) if left else state
    return _held(state, x, known, coefficients(route[-1]))


def _held(state: Tensor, x: Tensor, known: Tensor, now: tuple[float, float]) -> Tensor:
    """Put what is known of x, with fresh noise, into a state."""
    a, b = now
    return torch.where(known, (a * x + b * torch.randn_like(x)).to(state), state)


def _taken_back(state: Tensor, now: tuple[float, float], earlier: tuple[float, float]) -> Tensor:
    """Add the noise that lies between a time and an earlier one, nearer to noise."""
    (a, b), (before, noise) = now, earlier
    return before / a * state + math.sqrt(max(0.0, noise**2 - (before / a * b) ** 2)) * torch.randn_like(state)
