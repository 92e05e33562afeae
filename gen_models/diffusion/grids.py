"""Grids of times at which solvers stop on the way from noise to data."""

from abc import ABC, abstractmethod

import torch

from gen_models.bounds import Scale
from gen_models.errors import UsageError


def karras(steps: int, low: float, high: float, rho: float = 7.0) -> list[float]:
    """Noise levels of EDM: `steps` of them from `high` down to `low`, evenly spaced in σ^(1/ρ).

    Karras et al. (2022), equation 5 without its last level, 0, https://arxiv.org/abs/2206.00364.
    """
    first, last = high ** (1 / rho), low ** (1 / rho)
    return [(first + step / max(1, steps - 1) * (last - first)) ** rho for step in range(steps)]


def check_levels(low: float, high: float) -> None:
    """Raise UsageError for noise levels that would rise on the way to data."""
    if low >= high:
        raise UsageError(f"noise falls from {high} to {low} on the way to data: make the first the larger one.")


class Grid(ABC):
    """Grid of times from 0, noise, to 1, data."""

    @abstractmethod
    def times(self, steps: int) -> list[float]:
        """Give steps + 1 rising times."""


class UniformGrid(Grid):
    """Grid of equal steps."""

    def times(self, steps: int) -> list[float]:
        """0, 1/N, …, 1."""
        return torch.linspace(0, 1, steps + 1, dtype=torch.float64).tolist()


class ShiftedGrid(Grid):
    """Grid shifted towards noise, as large pictures need (Esser et al. 2024, https://arxiv.org/abs/2403.03206, §5.3.2).

    Args:
        shift: Root of the ratio of pixels to those of pictures for which equal steps are right; 1 shifts nothing.
    """

    def __init__(self, shift: float = 3.0) -> None:
        self.shift = shift

    def times(self, steps: int) -> list[float]:
        """With τ = 1 - t, the share of noise: shift τ / (1 + (shift - 1) τ)."""
        noise = 1 - torch.linspace(0, 1, steps + 1, dtype=torch.float64)
        return (1 - self.shift * noise / (1 + (self.shift - 1) * noise)).tolist()


class KarrasGrid(Grid):
    """Grid of EDM's noise levels on the linear path, where noise over data is σ = (1 - t) / t.

    Args:
        sigma_min: Level before the last step; the last level is 0.
        sigma_max: Level after which the first step ends in a grid that began at infinity: its first time is put to 0.
        rho: Larger ones crowd towards data.

    Raises:
        UsageError: Noise would rise on the way to data.
    """

    def __init__(self, sigma_min: Scale = 0.002, sigma_max: Scale = 80.0, rho: Scale = 7.0) -> None:
        check_levels(sigma_min, sigma_max)
        self.sigma_min, self.sigma_max, self.rho = sigma_min, sigma_max, rho

    def times(self, steps: int) -> list[float]:
        """0, then 1 / (1 + σ) of the levels but the first, then 1."""
        levels = karras(steps, self.sigma_min, self.sigma_max, self.rho)
        return [0.0, *(1 / (1 + sigma) for sigma in levels[1:]), 1.0]
