"""Pixel values: 8-bit, in [-1, 1] as models see them, as levels of a likelihood; dequantisation."""

import math

import numpy as np
import torch
from torch import Tensor


def to_unit_range(x: Tensor) -> Tensor:
    """Map 8-bit values to float32 in [-1, 1]; floats pass unchanged, since they are there already."""
    return x if x.is_floating_point() else x.to(torch.float32).div_(127.5).sub_(1.0)


def to_uint8(x: Tensor) -> Tensor:
    """Map [-1, 1] to the nearest 8-bit value: the inverse of `to_unit_range`, clipping what lies outside."""
    return x.float().add(1.0).mul(127.5).round_().clamp_(0, 255).to(torch.uint8)


def as_array(x: Tensor) -> np.ndarray:
    """Give pictures (n, C, H, W) in [-1, 1] as (n, H, W, C) uint8, and what is no picture as (n, *shape) float32."""
    return to_uint8(x).permute(0, 2, 3, 1).contiguous().cpu().numpy() if x.ndim == 4 else x.float().cpu().numpy()


def to_levels(x: Tensor, levels: int) -> Tensor:
    """Map x in [-1, 1] to the nearest of `levels` equally spaced values, as int64 in 0..levels - 1."""
    return _counted(x, levels).long()


def from_levels(index: Tensor, levels: int) -> Tensor:
    """Map 0..levels - 1 to float32 in [-1, 1]: the inverse of `to_levels`."""
    return index.float().mul(2 / (levels - 1)).sub(1)


def nearest_level(x: Tensor, levels: int) -> Tensor:
    """Round x to the nearest of `levels` values in [-1, 1], as float32; what is no number (NaN) stays none."""
    return from_levels(_counted(x, levels), levels)


def _counted(x: Tensor, levels: int) -> Tensor:
    """The same as whole numbers in 0..levels - 1, still in float32, which holds NaN."""
    return x.float().add(1).mul((levels - 1) / 2).round_().clamp_(0, levels - 1)


def dequantised(x: Tensor, levels: int) -> Tensor:
    """Uniform dequantisation: spread each level k over its bin, 2 (k + u) / levels - 1 with u uniform.

    Theis et al. (2016), section 3.1, https://arxiv.org/abs/1511.01844. A density q of the result bounds the probability
    of the pixels: E log q + `log_bin(levels)` a dimension.
    """
    return (to_levels(x, levels) + torch.rand_like(x, dtype=torch.float32)).mul_(2 / levels).sub_(1)


def log_bin(levels: int) -> float:
    """Logarithm of a bin's width in [-1, 1): what one dimension of a density is short of a probability, in nats."""
    return math.log(2 / levels)


class Bins:
    """Bins of the levels of a pixel around their values in [-1, 1]: a density over them bounds a probability.

    They are those of `dequantised`, stretched by levels / (levels - 1), so that data stay where they are.

    Args:
        levels: Levels of a pixel; None for points, which are left alone.
    """

    def __init__(self, levels: int | None) -> None:
        self.levels = levels

    def spread(self, x: Tensor) -> Tensor:
        """Uniform dequantisation: spread each level over its bin, ± 1 / (levels - 1)."""
        return x if self.levels is None else dequantised(x, self.levels).mul_(self.levels / (self.levels - 1))

    def nearest(self, x: Tensor) -> Tensor:
        """Give the levels in whose bins x lies, or points, as float32 in [-1, 1]."""
        return x.float().clamp(-1, 1) if self.levels is None else nearest_level(x, self.levels)

    @property
    def log_width(self) -> float:
        """Logarithm of a bin's width: what one dimension of a density is short of a probability; 0 for points."""
        return 0.0 if self.levels is None else math.log(2 / (self.levels - 1))


def rounded(x: Tensor) -> Tensor:
    """Straight-through rounding: the nearest 8-bit values to x in [-1, 1], as float32 in 0..255; gradients pass."""
    return to_uint8(x).float() + 127.5 * (x - x.detach()).float()
