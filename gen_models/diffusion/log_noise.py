"""Logarithm of the noise of variational diffusion, and waves that show fine differences (Kingma et al. 2021).

https://arxiv.org/abs/2107.00630, and the authors' code, google-research/vdm.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


class LinearLogNoise(nn.Module):
    """Linear noise schedule whose ends are learned: γ(t) = γ_0 + (γ_1 - γ_0) t is minus the log of signal over noise.

    A state at t has a share sigmoid(γ(t)) of noise in its variance. In the limit of many steps the variational bound
    depends on the ends alone.

    Args:
        levels: Levels of a pixel; None for points.
        first: γ_0 at the data. None for noise of a sixth of the distance of two levels: the published -13.3 for 256 of
            them, and for points.
        last: γ_1 at the noise.
        learned: Train both; otherwise they stay.

    Attributes:
        first: γ_0 as it began.
        last: γ_1 as it began.
    """

    def __init__(self, levels: int | None, first: float | None = None, last: float = 5.0, learned: bool = True) -> None:
        super().__init__()
        first = 2 * math.log(2 / (6 * (levels or 256))) if first is None else first
        self.first, self.last = first, last
        self.offset = nn.Parameter(torch.tensor(first), requires_grad=learned)
        self.slope = nn.Parameter(torch.tensor(last - first), requires_grad=learned)

    def forward(self, t: Tensor) -> Tensor:
        """Give γ(t) for times in [0, 1]."""
        return self.offset + self.rate * t

    @property
    def rate(self) -> Tensor:
        """Give γ'(t), which is the same at all times and not negative."""
        return self.slope.abs()


def waves(x: Tensor, octaves: Sequence[int]) -> Tensor:
    """Append sines and cosines of 2ⁿ · 2π x to samples (B, C, …), for each octave n: (B, C (1 + 2 octaves), …)."""
    turned = torch.cat([channel * (2 * math.pi * 2**n) for channel in x.split(1, dim=1) for n in octaves], dim=1)
    return torch.cat([x, turned.sin(), turned.cos()], dim=1)
