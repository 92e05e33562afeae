"""Pixel blitting, geometry, colour and cutout of one probability (Karras et al. 2020, https://arxiv.org/abs/2006.06676)."""

import torch
from torch import Tensor

from gen_models.augment.base import Augment
from gen_models.augment.bgc import random_colours, random_places
from gen_models.augment.filtering import filtered_warp
from gen_models.augment.geometry import warp
from gen_models.bounds import Share

HOLE = 0.5
"""Sides of what is cut out, as a share of the image's."""


class BGC(Augment):
    """Augmentation by pixel blitting, geometry and colour (bgc), with a probability that a schedule may set.

    Karras et al. (2020), appendix B, https://arxiv.org/abs/2006.06676; with colour ½ and cutout 1 that of R3GAN.

    Args:
        p: Probability of each change.
        colour: Share of it with which each of the colours' changes is made.
        cutout: Share of it with which a rectangle is cut out.
        filtered: Filter against aliasing, as published; pictures are interpolated otherwise.
    """

    def __init__(self, p: Share = 0.1, colour: Share = 1.0, cutout: Share = 0.0, filtered: bool = False) -> None:
        super().__init__()
        self.p, self.colour, self.cutout = p, colour, cutout
        self.warp = filtered_warp if filtered else warp

    def forward(self, x: Tensor) -> Tensor:
        """Change grey or RGB images (B, C, H, W); with p = 0 none."""
        if x.shape[1] not in (1, 3):
            raise ValueError(f"these changes are of 1 or 3 channels, not of {x.shape[1]}: use another augment.")
        with torch.autocast(x.device.type, enabled=False):
            p = torch.full((), self.p, device=x.device)
            x = random_colours(self.warp(x.float(), random_places(x, p)), self.colour * p)
            return cut_out(x, self.cutout * p) if self.cutout else x


def cut_out(x: Tensor, p: Tensor) -> Tensor:
    """Blank, with probability p, a rectangle of half the sides of each image, whose centre is anywhere in it."""
    inside = _near(x, 2) & _near(x, 3) & (torch.rand(len(x), 1, 1, 1, device=x.device) < p)
    return x.masked_fill(inside, 0.0)


def _near(x: Tensor, dim: int) -> Tensor:
    """Positions along a side that lie within a quarter of it from a random centre."""
    shape = [1, 1, 1, 1]
    shape[dim] = -1
    middles = ((torch.arange(x.shape[dim], device=x.device) + 0.5) / x.shape[dim]).view(shape)
    return (middles - torch.rand(len(x), 1, 1, 1, device=x.device)).abs() < HOLE / 2
