"""Interpolants: paths between noise and data, on which flow matching learns the velocity.

Albergo and Vanden-Eijnden 2023, Building normalizing flows with stochastic interpolants,
https://arxiv.org/abs/2209.15571. Time runs from 0, noise, to 1, data.
"""

import math
from abc import ABC, abstractmethod

from torch import Tensor

from gen_models.diffusion.spread import spread


class Interpolant(ABC):
    """Path x_t = a(t) x + b(t) ε between noise ε and data x."""

    @abstractmethod
    def coefficients(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Give a and b at times (B,)."""

    @abstractmethod
    def derivatives(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Give da/dt and db/dt at times (B,)."""

    def at(self, x: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """Give the points x_t (B, *shape) at times (B,)."""
        a, b = (spread(each, x) for each in self.coefficients(t))
        return a * x + b * noise

    def velocity(self, x: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """Give dx_t/dt (B, *shape) at times (B,)."""
        a, b = (spread(each, x) for each in self.derivatives(t))
        return a * x + b * noise

    def data(self, x: Tensor, velocity: Tensor, t: Tensor) -> Tensor:
        """Give the data (B, *shape) of the paths on which the points x_t at times (B,) have these velocities."""
        (a, b), (da, db) = ([spread(each, x) for each in pair] for pair in (self.coefficients(t), self.derivatives(t)))
        return (db * x - b * velocity) / (db * a - b * da)


class LinearPath(Interpolant):
    """Linear interpolant: straight lines from noise to data.

    Rectified flow (Liu et al. 2023, https://arxiv.org/abs/2209.03003), and the conditional optimal transport path of
    Lipman et al. (2023), https://arxiv.org/abs/2210.02747, equation 20.

    Args:
        sigma_min: Share of the noise that is left at the data.
    """

    def __init__(self, sigma_min: float = 0.0) -> None:
        self.sigma_min = sigma_min

    def coefficients(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Give t and 1 - (1 - σ_min) t."""
        return t, 1 - (1 - self.sigma_min) * t

    def derivatives(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Give 1 and σ_min - 1."""
        return t.new_ones(len(t)), t.new_full((len(t),), self.sigma_min - 1)


class VariancePreservingPath(Interpolant):
    """Trigonometric interpolant: a² + b² = 1, so that data of variance 1 keep it on the whole way."""

    def coefficients(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Give sin(πt/2) and cos(πt/2), the one exactly 0 at noise and the other at data."""
        return (0.5 * math.pi * t).sin(), (0.5 * math.pi * (1 - t)).sin()

    def derivatives(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Give π/2 cos(πt/2) and -π/2 sin(πt/2)."""
        return 0.5 * math.pi * (0.5 * math.pi * t).cos(), -0.5 * math.pi * (0.5 * math.pi * t).sin()
