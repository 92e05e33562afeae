"""Activation normalisation, actnorm (Glow, Kingma and Dhariwal 2018, https://arxiv.org/abs/1807.03039)."""

import torch
from torch import Tensor, nn

from gen_models.networks.flows.bijection import Bijection
from gen_models.networks.layers.first_batch import FirstBatch

GAIN_RATE = 3.0
"""A gain is the exponential of three times a parameter, which so learns three times as fast (openai/glow, tfops.py)."""


class ActNorm(FirstBatch, Bijection):
    """Actnorm: a gain and a bias for each channel, such that the first training batch is standardised.

    Kingma and Dhariwal (2018), section 3.1, https://arxiv.org/abs/1807.03039.

    Args:
        channels: Channels of the data.
        sides: Its further dimensions: 2 for pictures, 0 for points.
    """

    def __init__(self, channels: int, sides: int = 2) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(channels, *[1] * sides))
        self.log_gain = nn.Parameter(torch.zeros_like(self.shift))

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Normalise; each of the C log-gains counts once for every pixel."""
        pixels = x[0, 0].numel()
        return self.normalise(x), (pixels * GAIN_RATE * self.log_gain.sum()).expand(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Undo the normalisation."""
        return z * (-GAIN_RATE * self.log_gain).exp() - self.shift

    def normalise(self, x: Tensor) -> Tensor:
        """Give (x + shift) e³ˢ, for networks that need no determinant."""
        self.begin(x)
        return (x + self.shift) * self.gain()

    def gain(self) -> Tensor:
        """Give e³ˢ of each channel."""
        return (GAIN_RATE * self.log_gain).exp()

    @torch.no_grad()
    def begin(self, x: Tensor) -> None:
        """Take shift and gain from the first batch; leave them alone where this is not the first."""
        if not self.waiting:
            return
        mean, factor = self.take(x)
        self.shift.copy_(-mean.view_as(self.shift))
        self.log_gain.copy_(factor.log().view_as(self.shift) / GAIN_RATE)

    def factor(self, variance: Tensor) -> Tensor:
        """Give what brings channels of these variances (C,) to a variance of 1."""
        return variance.clamp(min=1e-12).rsqrt()
