"""8-bit values and the range that models work in."""

import torch
from torch import Tensor


def to_unit_range(x: Tensor) -> Tensor:
    """Map 8-bit values to float32 in [-1, 1]; floats pass unchanged, since they are there already."""
    return x if x.is_floating_point() else x.to(torch.float32).div_(127.5).sub_(1.0)


def to_uint8(x: Tensor) -> Tensor:
    """Map [-1, 1] to the nearest 8-bit value: the inverse of `to_unit_range`, clipping what lies outside."""
    return x.float().add(1.0).mul(127.5).round_().clamp_(0, 255).to(torch.uint8)
