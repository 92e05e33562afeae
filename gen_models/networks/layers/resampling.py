"""Halving and doubling of maps, of any size: an odd side is rounded up, and what was added is cropped again."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, conv_transpose2d, interpolate, pad

BOX = (1, 1)
"""Taps of the mean of two neighbours, of which doubling is the nearest neighbour."""


def padded(x: Tensor, multiple: int = 2) -> Tensor:
    """Repeat the last row and column of maps (B, C, H, W) until both sides are multiples of a number."""
    below, right = (-side % multiple for side in x.shape[2:])
    return pad(x, (0, right, 0, below), mode="replicate") if below or right else x


def cropped(x: Tensor, like: Tensor) -> Tensor:
    """Cut maps (B, C, H, W) to the sides of others."""
    return x[:, :, : like.shape[2], : like.shape[3]]


class Filter(nn.Module):
    """Separable low-pass filter, as the upfirdn operation without resampling (StyleGAN: Karras et al. 2019).

    https://arxiv.org/abs/1812.04948, section 2.

    Args:
        taps: Of the filter along each side; they are divided by their sum.
        padding: Zeros around the map, on each side.
        gain: Factor on the result.
    """

    kernel: Tensor

    def __init__(self, taps: Sequence[float], padding: int, gain: float = 1.0) -> None:
        super().__init__()
        self.padding = padding
        self.register_buffer("kernel", gain * _kernel(taps), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give maps with 2 · padding + 1 - taps more pixels a side than (B, C, H, W) has."""
        return conv2d(x, _of_each_channel(self.kernel, x), padding=self.padding, groups=x.shape[1])


class Halve(nn.Module):
    """Halving of maps by a separable low-pass filter of stride two.

    With the taps [1, 3, 3, 1] that of NCSN++ (Song et al. 2021, https://arxiv.org/abs/2011.13456).

    Args:
        taps: Of the filter along each side; their number is even, and they are divided by their sum.
        fits: Keep to half the size by zeros around the map, which a map that is already wider doesn't need.
    """

    kernel: Tensor

    def __init__(self, taps: Sequence[float] = BOX, fits: bool = True) -> None:
        super().__init__()
        self.box = tuple(taps) == BOX
        self.padding = (len(taps) - 1) // 2 if fits else 0
        self.register_buffer("kernel", _kernel(taps), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, C, ⌈H/2⌉, ⌈W/2⌉) for (B, C, H, W)."""
        x = padded(x)
        if self.box:
            return avg_pool2d(x, 2)
        return conv2d(x, _of_each_channel(self.kernel, x), stride=2, padding=self.padding, groups=x.shape[1])


class Double(nn.Module):
    """Doubling of maps by a separable low-pass filter after zeros are put between the pixels.

    With the taps [1, 3, 3, 1] that of NCSN++ (Song et al. 2021, https://arxiv.org/abs/2011.13456).

    Args:
        taps: Of the filter along each side; their number is even, and they are divided by half their sum.
    """

    kernel: Tensor

    def __init__(self, taps: Sequence[float] = BOX) -> None:
        super().__init__()
        self.box = tuple(taps) == BOX
        self.padding = (len(taps) - 1) // 2
        self.register_buffer("kernel", 4 * _kernel(taps), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, C, 2H, 2W) for (B, C, H, W)."""
        if self.box:
            return interpolate(x, scale_factor=2, mode="nearest")
        kernel = _of_each_channel(self.kernel, x)
        return conv_transpose2d(x, kernel, stride=2, padding=self.padding, groups=x.shape[1])


def _kernel(taps: Sequence[float]) -> Tensor:
    row = torch.tensor(taps, dtype=torch.float32)
    return (torch.outer(row, row) / row.sum().square())[None, None]


def _of_each_channel(kernel: Tensor, x: Tensor) -> Tensor:
    return kernel.to(x.dtype).expand(x.shape[1], -1, -1, -1)
