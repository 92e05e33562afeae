"""Pixel blitting, geometry and colour: the changes of ADA, each with probability p.

Karras et al. (2020), appendix B, https://arxiv.org/abs/2006.06676. The order and the strengths are the paper's; what it
filters against aliasing is `filtering`.
"""

import math

import torch
from torch import Tensor

from gen_models.augment.geometry import rotation, scaling, translation


def random_places(x: Tensor, p: Tensor) -> Tensor:
    """Random affine maps (B, 3, 3) for `warp`: flip, quarter turns, shift, scale, rotation, aspect, rotation, shift."""
    n, device = len(x), x.device
    size = torch.stack([torch.full((n,), side, device=device) for side in (x.shape[3], x.shape[2])], dim=1)
    flip, quarters = (chosen(torch.randint(most, (n,), device=device), 0, p) for most in (2, 4))
    pixels = chosen((torch.rand(n, 2, device=device) - 0.5) * 0.25 * size, 0, p).round()
    scale, aspect = (chosen(torch.randn(n, device=device).mul(0.2).exp2(), 1, p) for _ in range(2))
    before, after = (_angle(x, 1 - (1 - p).sqrt()).flatten() for _ in range(2))  # at least one: probability p
    fraction = chosen(torch.randn(n, 2, device=device) * 0.125 * size, 0, p)
    blit = scaling(1.0 - 2 * flip, torch.ones_like(scale)) @ rotation(quarters * math.pi / 2) @ translation(pixels)
    shape = scaling(scale, scale) @ rotation(before) @ scaling(aspect, 1 / aspect) @ rotation(after)
    return blit @ shape @ translation(fraction)


def random_colours(x: Tensor, p: Tensor) -> Tensor:
    """Random brightness, contrast, luma, hue and saturation of images (B, C, H, W); grey ones have no last two."""
    brightness = chosen(_normal(x) * 0.2, 0, p)
    contrast = chosen((_normal(x) * 0.5).exp2(), 1, p)
    inverted = chosen(torch.randint(2, (len(x), 1, 1, 1), device=x.device), 0, p)
    saturation = chosen(_normal(x).exp2(), 1, p)
    hue = _angle(x, p)
    grey = x.mean(1, keepdim=True)
    colour = x - grey
    across = (colour.roll(1, 1) - colour.roll(-1, 1)) / math.sqrt(3)  # the grey axis × colour
    colour = saturation * (hue.cos() * colour + hue.sin() * across)
    return contrast * ((1 - 2 * inverted) * (grey + brightness) + colour)


def _normal(x: Tensor) -> Tensor:
    return torch.randn(len(x), 1, 1, 1, device=x.device)


def _angle(x: Tensor, p: Tensor) -> Tensor:
    return chosen((torch.rand(len(x), 1, 1, 1, device=x.device) * 2 - 1) * math.pi, 0, p)


def chosen(amount: Tensor, neutral: int, p: Tensor | float) -> Tensor:
    """Give each sample's own amount with probability `p`, else the neutral one."""
    chosen = torch.rand(len(amount), *[1] * (amount.ndim - 1), device=amount.device) < p
    return torch.where(chosen, amount, neutral)
