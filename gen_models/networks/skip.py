"""Hourglass network with skip connections (Deep image prior, Ulyanov et al. 2018, https://arxiv.org/abs/1711.10925)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

SMALLEST = 4


class SkipNet(nn.Module):
    """Hourglass with skip connections: strided convolutions down, bilinear upsampling, a few channels past each scale.

    Ulyanov et al. (2018), supplementary material, figure 21, https://arxiv.org/abs/1711.10925.

    The authors normalise over a batch of one; here each picture is normalised by itself, which is the same. The end is
    a tanh: their sigmoid of twice the number, between -1 and 1 as all pixels here.

    Args:
        shape: (channels, height, width) of the result.
        inputs: Channels of the input.
        width: Channels of each scale.
        skip: Channels that pass each scale.
        scales: How often the side is halved, at most: no map gets smaller than 4 pixels.

    Raises:
        ValueError: The results are no images, or too small to be halved once.
    """

    def __init__(
        self, shape: Sequence[int], inputs: int = 32, width: int = 128, skip: int = 4, scales: int = 5
    ) -> None:
        super().__init__()
        halvings = (min(shape[1:]) // SMALLEST).bit_length() - 1 if len(shape) == 3 else 0
        if halvings < 1:
            raise ValueError(f"this network makes images of 8 pixels a side at least, not {list(shape)}.")
        scale: nn.Module = nn.Identity()
        for channels in [*[width] * (min(scales, halvings) - 1), inputs]:
            scale = HourglassScale(channels, width, skip, scale)
        self.scales = scale
        self.output = nn.Conv2d(width, shape[0], 1)

    def forward(self, x: Tensor) -> Tensor:
        """Give images (B, *shape) in [-1, 1] for (B, inputs, height, width)."""
        return self.output(self.scales(x)).tanh()


class HourglassScale(nn.Module):
    """One scale of the hourglass, around the smaller ones.

    Args:
        inputs: Channels that come in.
        width: Channels within, and out.
        skip: Channels that pass it.
        inner: The smaller scales.
    """

    def __init__(self, inputs: int, width: int, skip: int, inner: nn.Module) -> None:
        super().__init__()
        self.skip = _layer(inputs, skip, 1)
        self.down = nn.Sequential(_layer(inputs, width, 3, stride=2), _layer(width, width, 3), inner)
        joined = nn.InstanceNorm2d(skip + width, affine=True)
        self.up = nn.Sequential(joined, _layer(skip + width, width, 3), _layer(width, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, width, H, W) for (B, inputs, H, W)."""
        below = interpolate(self.down(x), size=x.shape[2:], mode="bilinear", align_corners=False)
        return self.up(torch.cat([self.skip(x), below], dim=1))


def _layer(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Module:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, padding_mode="reflect")
    return nn.Sequential(convolution, nn.InstanceNorm2d(outputs, affine=True), nn.LeakyReLU(0.2))
