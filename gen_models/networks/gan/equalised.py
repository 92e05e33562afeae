"""Equalised learning rates, pixel norm, minibatch deviation (ProGAN, Karras et al. 2018, https://arxiv.org/abs/1710.10196).

Weights begin as N(0, 1) and are scaled in every pass by He's constant, so that an optimizer that normalises its steps
changes all layers at one relative speed (section 4.1).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear

EPSILON = 1e-8
"""Guards square roots and divisions, as in the authors' code."""


class EqualisedLinear(nn.Linear):
    """Linear layer with an equalised learning rate (section 4.1).

    Args:
        inputs: Size of the input.
        outputs: Size of the output.
        gain: Of the activation that follows: √2 for leaky ReLU, 1 for none.
    """

    def __init__(self, inputs: int, outputs: int, gain: float = math.sqrt(2)) -> None:
        super().__init__(inputs, outputs)
        self.scale = _start(self, gain)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs)."""
        return linear(x, self.scale * self.weight, self.bias)


class EqualisedSeed(nn.Linear):
    """Linear layer to the smallest map with an equalised learning rate, and one bias a channel as in the authors' code.

    Args:
        inputs: Size of the input.
        channels: Channels of the map.
        side: Its side.
    """

    def __init__(self, inputs: int, channels: int, side: int) -> None:
        super().__init__(inputs, channels * side**2)
        self.bias = nn.Parameter(torch.zeros(channels))
        self.side = side
        self.scale = _start(self, math.sqrt(2) / side)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, channels, side, side)."""
        made = linear(x, self.scale * self.weight).unflatten(1, (-1, self.side, self.side))
        return made + self.bias[:, None, None]


class EqualisedConv(nn.Conv2d):
    """Convolution with an equalised learning rate, which keeps the side (section 4.1).

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel: Side of the kernel, odd.
        gain: As in `EqualisedLinear`.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, gain: float = math.sqrt(2)) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)
        self.scale = _start(self, gain)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs, H, W)."""
        return conv2d(x, self.scale * self.weight, self.bias, padding=self.padding)


class PixelNorm(nn.Module):
    """Pixelwise feature normalisation: divide (B, C, …) at each place by the root mean square of C (section 4.2)."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise."""
        return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + EPSILON)


class MinibatchDeviation(nn.Module):
    """Minibatch standard deviation: append a map of it, over a group and averaged over all else (section 3).

    Args:
        group: Most samples in a group; a batch that it does not divide is cut into smaller ones.
    """

    looks_across_batch = True

    def __init__(self, group: int = 4) -> None:
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, C + 1, H, W) for (B, C, H, W)."""
        size = next(size for size in range(self.group, 0, -1) if len(x) % size == 0)
        groups = x.float().unflatten(0, (size, -1))
        variance = (groups - groups.mean(0)).square().mean(0)  # five times as fast as torch's on a processor
        deviation = (variance + EPSILON).sqrt().mean(dim=(1, 2, 3))
        plane = deviation.repeat(size)[:, None, None, None].expand(-1, 1, *x.shape[2:])
        return torch.cat([x, plane.to(x.dtype)], dim=1)


def _start(layer: nn.Linear | nn.Conv2d, gain: float) -> float:
    """Draw weights from N(0, 1), set biases to 0, and give the factor that a pass applies."""
    nn.init.normal_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return gain / math.sqrt(layer.weight[0].numel())
