"""Solvers of ordinary differential equations with fixed steps (Runge-Kutta methods).

Hairer, Nørsett and Wanner 1993, Solving ordinary differential equations I, https://doi.org/10.1007/978-3-540-78862-1.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

Velocity = Callable[[Tensor, float], Tensor]
"""dx/dt of states (B, *shape) at time t."""


def wide(x: Tensor) -> Tensor:
    """Give a state in float64, in which sums of many steps keep their digits; Apple's GPUs have float32 only."""
    return x if x.device.type == "mps" else x.to(torch.float64)


class Solver(ABC):
    """One-step method for dx/dt = velocity(x, t), along a grid of times that may rise or fall.

    Attributes:
        stages: Evaluations of the velocity in a step; None where they depend on the velocity.
    """

    stages: int | None

    @property
    def name(self) -> str:
        """By which name a way of sampling asks for it."""
        return type(self).__name__.lower()

    @abstractmethod
    def step(self, velocity: Velocity, x: Tensor, t: float, end: float) -> Tensor:
        """Give the state (B, *shape) at `end` of the solution through x at t."""

    def states(self, velocity: Velocity, x: Tensor, times: Sequence[float]) -> Iterator[Tensor]:
        """Give the state at each of the times but the first, at which it is x."""
        for t, end in pairwise(times):
            x = self.step(velocity, x, t, end)
            yield x

    def solve(self, velocity: Velocity, x: Tensor, times: Sequence[float]) -> Tensor:
        """Give the state at the last of the times, of the solution through x at the first."""
        for state in self.states(velocity, x, times):
            x = state
        return x

    def evaluations(self, steps: int) -> int | None:
        """Evaluations of the velocity in so many steps (NFE); None where they can't be known in advance."""
        return None if self.stages is None else self.stages * steps


class Euler(Solver):
    """Euler's method, of order 1."""

    stages = 1

    def step(self, velocity: Velocity, x: Tensor, t: float, end: float) -> Tensor:
        """Follow the tangent at the beginning."""
        return x + (end - t) * velocity(x, t)


class Heun(Solver):
    """Heun's method, of order 2: the trapezoidal rule with Euler's step as the guess of the end."""

    stages = 2

    def step(self, velocity: Velocity, x: Tensor, t: float, end: float) -> Tensor:
        """Follow the mean of the tangents at the beginning and at the end of Euler's step."""
        start = velocity(x, t)
        return x + (end - t) * 0.5 * (start + velocity(x + (end - t) * start, end))


class Midpoint(Solver):
    """Midpoint method, of order 2."""

    stages = 2

    def step(self, velocity: Velocity, x: Tensor, t: float, end: float) -> Tensor:
        """Follow the tangent in the middle of Euler's step."""
        half = 0.5 * (end - t)
        return x + (end - t) * velocity(x + half * velocity(x, t), t + half)


class RK4(Solver):
    """Classical Runge-Kutta method, of order 4."""

    stages = 4

    def step(self, velocity: Velocity, x: Tensor, t: float, end: float) -> Tensor:
        """Follow Simpson's mean of four tangents."""
        h, middle = end - t, 0.5 * (t + end)
        first = velocity(x, t)
        second = velocity(x + 0.5 * h * first, middle)
        third = velocity(x + 0.5 * h * second, middle)
        fourth = velocity(x + h * third, end)
        return x + h / 6 * (first + 2 * second + 2 * third + fourth)
