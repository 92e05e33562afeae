"""Frequencies of a noise level: sines and cosines by which a network tells levels apart."""

import math

import torch
from torch import Tensor, nn

LONGEST = 10_000
"""Wavelength of the slowest sine, in units of 2π (Vaswani et al. 2017)."""


class Sinusoids(nn.Module):
    """Sinusoidal embedding of numbers: cosines and sines of geometrically spaced frequencies, from 1 to 1/10,000.

    Vaswani et al. (2017), https://arxiv.org/abs/1706.03762; for noise levels, Ho et al. (2020),
    https://arxiv.org/abs/2006.11239.

    Args:
        channels: Size of an embedding, half of it cosines.
        endpoint: Let the slowest frequency be 1/10,000 itself, as Ho et al. do, and not the one after the last.
    """

    frequencies: Tensor

    def __init__(self, channels: int, endpoint: bool = False) -> None:
        super().__init__()
        half = channels // 2
        steps = torch.arange(half) / max(1, half - endpoint)
        self.register_buffer("frequencies", (-math.log(LONGEST) * steps).exp(), persistent=False)

    def forward(self, level: Tensor) -> Tensor:
        """Give (…, channels) float32 for numbers (…)."""
        angles = level[..., None] * self.frequencies
        return torch.cat([angles.cos(), angles.sin()], dim=-1)


class FourierFeatures(nn.Module):
    """Random Fourier features of numbers: cosines and sines of frequencies drawn once, from N(0, 16²).

    Tancik et al. (2020), https://arxiv.org/abs/2006.10739; for noise levels, NCSN++ of Song et al. (2021),
    https://arxiv.org/abs/2011.13456.

    Args:
        channels: Size of an embedding, half of it cosines.
        spread: Standard deviation of the frequencies.
    """

    frequencies: Tensor

    def __init__(self, channels: int, spread: float = 16.0) -> None:
        super().__init__()
        self.register_buffer("frequencies", 2 * math.pi * spread * torch.randn(channels // 2))

    def forward(self, level: Tensor) -> Tensor:
        """Give (…, channels) float32 for numbers (…)."""
        angles = level[..., None] * self.frequencies
        return torch.cat([angles.cos(), angles.sin()], dim=-1)
