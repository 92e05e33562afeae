"""Pairs of noise levels at which a consistency model is held against itself."""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor

from gen_models.diffusion.grids import karras


class NoisePairs(ABC):
    """Distribution of a noise level and of a lower one.

    Attributes:
        least: The level at which the model is the identity.
        divisions: How finely levels are told apart; what a schedule raises.
    """

    least: float
    divisions: float

    @abstractmethod
    def draw(self, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Draw (n,) levels, and (n,) lower ones of at least `least`."""


class ContinuousPairs(NoisePairs):
    """Continuous pairs of Easy Consistency Tuning, whose lower level is a share of the upper one (ECT).

    Geng et al. 2024, https://arxiv.org/abs/2406.14548, and locuslab/ect, training/loss.py. With two divisions the lower
    level is mostly 0, which is denoising; each doubling halves the distance.

    Args:
        p_mean: Mean of ln σ.
        p_std: Standard deviation of ln σ.
        k: Widens the distance at small levels, 1 + k times at 0.
        b: How fast this passes with the level.
        divisions: q^a of the paper.
    """

    least = 0.0

    def __init__(
        self, p_mean: float = -1.1, p_std: float = 2.0, k: float = 8.0, b: float = 1.0, divisions: float = 2.0
    ) -> None:
        self.p_mean, self.p_std = p_mean, p_std
        self.k, self.b = k, b
        self.divisions = divisions

    def lower(self, sigma: Tensor) -> Tensor:
        """Give r = t (1 - n(t) / q^a) with n(t) = 1 + k sigmoid(-b t), at least 0."""
        return (sigma * (1 - (1 + self.k * (-self.b * sigma).sigmoid()) / self.divisions)).clamp(min=self.least)

    def draw(self, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Draw ln σ from a Gaussian."""
        sigma = (self.p_mean + self.p_std * torch.randn(n, device=device)).exp()
        return sigma, self.lower(sigma)


class NeighbouringPairs(NoisePairs):
    """Neighbouring levels of a grid, as in improved consistency training (iCT).

    Song and Dhariwal (2023), sections 3.4 and 3.5, https://arxiv.org/abs/2310.14189.

    Args:
        p_mean: Mean of ln σ.
        p_std: Standard deviation of ln σ.
        sigma_min: Lowest level of the grid.
        sigma_max: Highest one.
        rho: Crowds levels towards the lowest.
        divisions: Intervals of the grid, one less than its levels N.
    """

    def __init__(
        self,
        p_mean: float = -1.1,
        p_std: float = 2.0,
        sigma_min: float = 0.002,
        sigma_max: float = 80.0,
        rho: float = 7.0,
        divisions: float = 10.0,
    ) -> None:
        self.p_mean, self.p_std = p_mean, p_std
        self.least, self.sigma_max, self.rho = sigma_min, sigma_max, rho
        self.divisions = divisions

    def levels(self) -> Tensor:
        """Give the N rising levels, float32."""
        return torch.tensor(karras(int(self.divisions) + 1, self.least, self.sigma_max, self.rho)[::-1])

    def shares(self, levels: Tensor) -> Tensor:
        """Give how often each interval (N - 1,) is drawn: the mass of a Gaussian of ln σ in it, up to a factor."""
        return torch.erf((levels.log() - self.p_mean) / (math.sqrt(2) * self.p_std)).diff()

    def draw(self, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Draw an interval, and give its ends."""
        levels = self.levels().to(device)
        drawn = torch.multinomial(self.shares(levels), n, replacement=True)
        return levels[drawn + 1], levels[drawn]
