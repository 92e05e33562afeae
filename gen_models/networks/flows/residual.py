"""Residual networks inside RealNVP's couplings (Dinh et al. 2017, https://arxiv.org/abs/1605.08803).

The paper says that there are skip connections and weight and batch normalisation (section 3.7); where these are, and
how weights begin, is known from the authors' code (tensorflow/models, research/real_nvp).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, normalize

from gen_models.networks.layers.conditioning import append_class


class ResidualNet(nn.Module):
    """Residual network with skip connections, weight and batch normalisation.

    Dinh et al. (2017), section 3.7, https://arxiv.org/abs/1605.08803.

    It sees relu(x) and relu(-x) of its normalised input, and the mask, where one says what the input lacks. Batch
    normalisation needs no inverse here; in evaluation it is that of the running statistics, so that the density of a
    sample does not depend on its batch.

    Args:
        inputs: Channels of the data.
        outputs: Channels of the result.
        width: Channels of the hidden maps.
        blocks: How many residual blocks.
        classes: Classes appended as planes to the data; 0 for none.
        mask: (1, H, W), one where the input is given and zero where it is blank; None where nothing is.
    """

    mask: Tensor | None

    def __init__(
        self, inputs: int, outputs: int, width: int, blocks: int, classes: int = 0, mask: Tensor | None = None
    ) -> None:
        super().__init__()
        self.classes = classes
        self.register_buffer("mask", mask, persistent=False)
        self.norm = ShiftedNorm(inputs)
        self.first = NormedConvolution(2 * inputs + classes + (mask is not None), width, 3, scaled=False)
        self.blocks = nn.ModuleList(_block(width) for _ in range(blocks))
        self.skips = nn.ModuleList(NormedConvolution(width, width, 1) for _ in range(blocks + 1))
        self.last = nn.Sequential(ShiftedNorm(width), nn.ReLU(), NormedConvolution(width, outputs, 1))

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give maps (B, outputs, H, W) of (B, inputs, H, W)."""
        first, *skips = self.skips
        x = self.first(append_class(self._signs(self.norm(x)), y, self.classes))
        total = first(x)
        for block, skip in zip(self.blocks, skips, strict=True):
            x = x + block(x)
            total = total + skip(x)
        return self.last(total)

    def _signs(self, x: Tensor) -> Tensor:
        """Positive and negative part; what a mask has blanked is doubled, for the variance is half of that without."""
        if self.mask is None:
            return torch.cat([x, -x], dim=1).relu()
        return torch.cat([2 * x, -2 * x, self.mask.to(x.dtype).expand(len(x), -1, -1, -1)], dim=1).relu()


class ShiftedNorm(nn.BatchNorm2d):
    """Batch normalisation with a learned shift and no learned scale, before a rectifier and a layer that scales.

    Args:
        channels: Channels of the data.
    """

    weight: nn.Parameter

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-4)
        self.register_parameter("weight", None)

    def reset_parameters(self) -> None:
        """Start with no shift."""
        self.reset_running_stats()
        nn.init.zeros_(self.bias)


class NormedConvolution(nn.Module):
    """Convolution with weight normalisation: filters of norm 1, or of a learned norm.

    Salimans and Kingma (2016), https://arxiv.org/abs/1602.07868.

    Args:
        inputs: Channels of the data.
        outputs: Channels of the result.
        kernel: Side of a filter.
        scaled: Learn the filters' norms; useless where a batch normalisation follows.
        bias: Add one.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, scaled: bool = True, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs, kernel, kernel).uniform_(-1, 1))
        self.magnitude = nn.Parameter(torch.full((outputs,), kernel / math.sqrt(6))) if scaled else None
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Give maps (B, outputs, H, W) of (B, inputs, H, W)."""
        weight = normalize(self.weight.flatten(1)).view_as(self.weight)
        if self.magnitude is not None:
            weight = weight * self.magnitude[:, None, None, None]
        return conv2d(x, weight, self.bias, padding=weight.shape[-1] // 2)


def _block(width: int) -> nn.Module:
    inner = NormedConvolution(width, width, 3, scaled=False, bias=False)
    outer = NormedConvolution(width, width, 3)
    return nn.Sequential(ShiftedNorm(width), nn.ReLU(), inner, ShiftedNorm(width), nn.ReLU(), outer)
