"""Halving and doubling of maps, of any size: an odd side is rounded up, and what was added is cropped again."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv1d, conv2d, conv_transpose2d, interpolate, pad

BOX = (1, 1)
"""Taps of the mean of two neighbours, of which doubling is the nearest neighbour."""

SMALL = 64
"""Longest side in pixels of maps that are filtered by products of matrices.

Convolutions that keep channels apart are slow backwards on a processor, 10 to 30 times so in bfloat16; on larger maps
the zeros of the matrices cost more.
"""


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

    taps: Tensor

    def __init__(self, taps: Sequence[float], padding: int, gain: float = 1.0) -> None:
        super().__init__()
        self.padding = padding
        self.register_buffer("taps", math.sqrt(gain) * _shares(taps), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give maps with 2 · padding + 1 - taps more pixels a side than (B, C, H, W) has."""
        if max(x.shape[2:]) <= SMALL:
            return along_sides(x, *(filtering(self.taps, side, 1, self.padding) for side in x.shape[2:]))
        return conv2d(x, _of_each_channel(self.taps, x), padding=self.padding, groups=x.shape[1])


class Halve(nn.Module):
    """Halving of maps by a separable low-pass filter of stride two.

    With the taps [1, 3, 3, 1] that of NCSN++ (Song et al. 2021, https://arxiv.org/abs/2011.13456).

    Args:
        taps: Of the filter along each side; their number is even, and they are divided by their sum.
        fits: Keep to half the size by zeros around the map, which a map that is already wider doesn't need.
    """

    taps: Tensor

    def __init__(self, taps: Sequence[float] = BOX, fits: bool = True) -> None:
        super().__init__()
        self.box = tuple(taps) == BOX
        self.padding = (len(taps) - 1) // 2 if fits else 0
        self.register_buffer("taps", _shares(taps), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, C, ⌈H/2⌉, ⌈W/2⌉) for (B, C, H, W)."""
        x = padded(x)
        if self.box:
            return avg_pool2d(x, 2)
        if max(x.shape[2:]) <= SMALL:
            return along_sides(x, *(filtering(self.taps, side, 2, self.padding) for side in x.shape[2:]))
        return conv2d(x, _of_each_channel(self.taps, x), stride=2, padding=self.padding, groups=x.shape[1])


class Double(nn.Module):
    """Doubling of maps by a separable low-pass filter after zeros are put between the pixels.

    With the taps [1, 3, 3, 1] that of NCSN++ (Song et al. 2021, https://arxiv.org/abs/2011.13456).

    Args:
        taps: Of the filter along each side; their number is even, and they are divided by half their sum.
    """

    taps: Tensor

    def __init__(self, taps: Sequence[float] = BOX) -> None:
        super().__init__()
        self.box = tuple(taps) == BOX
        self.padding = (len(taps) - 1) // 2
        self.register_buffer("taps", 2 * _shares(taps), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, C, 2H, 2W) for (B, C, H, W)."""
        if self.box:
            return interpolate(x, scale_factor=2, mode="nearest")
        if max(x.shape[2:]) <= SMALL:
            return along_sides(x, *(filtering(self.taps, 2 * side, 2, self.padding).T for side in x.shape[2:]))
        kernel = _of_each_channel(self.taps, x)
        return conv_transpose2d(x, kernel, stride=2, padding=self.padding, groups=x.shape[1])


def filtering(taps: Tensor, side: int, stride: int, padding: int) -> Tensor:
    """Matrix (outputs, side) of a filter along one side: what the filter makes of each of its pixels."""
    return filtered(torch.eye(side, dtype=taps.dtype, device=taps.device), taps, stride, padding).T


def filtered(lines: Tensor, taps: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Filter lines (N, L) to (N, outputs), by taps in the order of the line."""
    return conv1d(lines[:, None], taps[None, None], stride=stride, padding=padding)[:, 0]


def along_sides(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Multiply maps (B, C, H, W) by matrices (H', H) and (W', W) to (B, C, H', W'), in the order of their memory."""
    rows, columns = rows.to(x.dtype), columns.to(x.dtype)
    if x.shape[1] == 1 or not x.is_contiguous(memory_format=torch.channels_last):
        return rows @ (x @ columns.T)
    lines = x.permute(0, 2, 3, 1)  # (B, H, W, C), as they lie
    lines = (rows @ lines.flatten(2)).unflatten(2, lines.shape[2:])
    return (columns @ lines).permute(0, 3, 1, 2)


def _shares(taps: Sequence[float]) -> Tensor:
    row = torch.tensor(taps, dtype=torch.float32)
    return row / row.sum()


def _of_each_channel(taps: Tensor, x: Tensor) -> Tensor:
    return torch.outer(taps, taps).to(x.dtype).expand(x.shape[1], 1, -1, -1)
