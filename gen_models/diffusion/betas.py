"""Variance schedules of diffusion models in discrete time."""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor


class Betas(ABC):
    """Variance schedule: how much noise is added at each step."""

    @abstractmethod
    def alpha_bars(self, timesteps: int) -> Tensor:
        """Give ᾱ_0 = 1 and the shares ᾱ_t of the data's variance after the steps t = 1, …, T, (T + 1,) float64."""


class LinearBetas(Betas):
    """Linear variance schedule (DDPM: Ho et al. 2020, https://arxiv.org/abs/2006.11239).

    Args:
        first: β_1 of 1,000 steps; other numbers of steps scale it so that the sum stays.
        last: β_T of 1,000 steps.
    """

    def __init__(self, first: float = 1e-4, last: float = 0.02) -> None:
        self.first, self.last = first, last

    def alpha_bars(self, timesteps: int) -> Tensor:
        """Products of 1 - β_t, with β_t evenly spaced."""
        scale = 1000 / timesteps
        betas = torch.linspace(scale * self.first, scale * self.last, timesteps, dtype=torch.float64).clamp(max=0.999)
        return torch.cat([betas.new_ones(1), (1 - betas).cumprod(0)])


class CosineBetas(Betas):
    """Cosine variance schedule (iDDPM: Nichol and Dhariwal 2021, https://arxiv.org/abs/2102.09672, equation 17).

    Args:
        offset: s, which keeps the first steps from being too small.
        largest: β_t at most, since the last would be 1.
    """

    def __init__(self, offset: float = 0.008, largest: float = 0.999) -> None:
        self.offset, self.largest = offset, largest

    def alpha_bars(self, timesteps: int) -> Tensor:
        """Products of 1 - β_t, where ᾱ_t follows the square of a cosine as far as β_t is not cut."""
        share = torch.linspace(0, 1, timesteps + 1, dtype=torch.float64)
        wave = ((share + self.offset) / (1 + self.offset) * math.pi / 2).cos().square()
        betas = (1 - wave[1:] / wave[:-1]).clamp(max=self.largest)
        return torch.cat([betas.new_ones(1), (1 - betas).cumprod(0)])
