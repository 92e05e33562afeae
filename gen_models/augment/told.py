"""Augmentation that the network is told of, so that nothing of it leaks into samples (EDM, appendix F.2).

Karras et al. (2022), https://arxiv.org/abs/2206.00364; after Jun et al. (2020), Distribution augmentation for
generative modeling, and with the changes of ADA.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gen_models.augment.bgc import chosen
from gen_models.augment.filtering import filtered_warp
from gen_models.augment.geometry import rotation, scaling, translation, warp
from gen_models.bounds import Share

SCALE = 0.2
"""Standard deviation of the binary logarithm of a scale, and of a stretch."""
SHIFT = 0.125
"""Standard deviation of a shift, in sides."""


class Change(NamedTuple):
    """Geometric change of each picture, in the units that the network is told.

    Attributes:
        mirrored: (B, 2) 1 where left and right, or above and below, are exchanged.
        scale: (B,) binary logarithm of the size, in standard deviations.
        angle: (B,) of the rotation, in radians.
        stretch: (B,) binary logarithm of the stretch, in standard deviations.
        axis: (B,) direction of the stretch, in radians.
        shift: (B, 2) in standard deviations.
    """

    mirrored: Tensor
    scale: Tensor
    angle: Tensor
    stretch: Tensor
    axis: Tensor
    shift: Tensor

    def labels(self) -> Tensor:
        """Give the nine numbers (B, 9) that tell it; zeros for pictures as they are in the data."""
        turn = torch.stack([self.angle.cos() - 1, self.angle.sin()], 1)
        stretch = self.stretch[:, None] * torch.stack([self.axis.cos(), self.axis.sin()], 1)
        return torch.cat([self.mirrored, self.scale[:, None], turn, stretch, self.shift], 1)

    def unmirrored(self) -> "Change":
        """Give the same without exchanges."""
        return self._replace(mirrored=0 * self.mirrored)

    def exchanged(self, x: Tensor) -> Tensor:
        """Exchange sides of pictures (B, C, H, W) alone."""
        across, down = (self.mirrored[:, side, None, None, None] == 1 for side in range(2))
        x = torch.where(across, x.flip(3), x)
        return torch.where(down, x.flip(2), x)

    def upright(self) -> "Change":
        """Give the same without turns, and without above and below exchanged."""
        return self._replace(mirrored=self.mirrored * self.mirrored.new_tensor([1, 0]), angle=0 * self.angle)

    def places(self, sides: Sequence[int]) -> Tensor:
        """Give the maps (B, 3, 3) for `warp` of pictures of these (height, width)."""
        size, wide = (-SCALE * self.scale).exp2(), (-SCALE * self.stretch).exp2()
        across, down = (1 - 2 * self.mirrored).unbind(1)
        moved = SHIFT * self.shift * self.shift.new_tensor([sides[1], sides[0]])
        stretched = rotation(-self.axis) @ scaling(wide, 1 / wide) @ rotation(self.axis)
        return scaling(size * across, size * down) @ rotation(self.angle) @ stretched @ translation(-moved)


class Told(nn.Module):
    """Non-leaky augmentation: pictures are mirrored, scaled, turned, stretched and moved, and labels say how.

    A network that is told of it learns from more than the data, and told zeros it draws the data alone.

    Args:
        p: Probability of each change; half of all pictures are mirrored left to right whatever it is.
        upright: Turn no picture, nor exchange above and below, which six labels tell (Gsunshine/py-meanflow).
        filtered: Filter against aliasing, as published; pictures are interpolated otherwise.

    Attributes:
        size: Number of labels.
    """

    def __init__(self, p: Share = 0.12, upright: bool = False, filtered: bool = False) -> None:
        super().__init__()
        self.p, self.upright, self.filtered = p, upright, filtered
        self.size = 6 if upright else 9

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Change pictures (B, C, H, W), and give their labels (B, size)."""
        with torch.autocast(x.device.type, enabled=False):
            change = self.drawn(len(x), x.device)
            change = change.upright() if self.upright else change
            labels = change.labels()
            told = torch.cat([labels[:, :1], labels[:, 2:3], labels[:, 5:]], 1) if self.upright else labels
            return self.changed(x.float(), change), told

    def changed(self, x: Tensor, change: Change) -> Tensor:
        """Change pictures (B, C, H, W) so."""
        if not self.filtered:
            return warp(x, change.places(x.shape[2:]))
        return filtered_warp(change.exchanged(x), change.unmirrored().places(x.shape[2:]))

    def drawn(self, n: int, device: torch.device) -> Change:
        """Draw changes, each with its probability."""
        across, down = torch.randint(2, (2, n), device=device).float()
        scale, stretch = torch.randn(2, n, device=device)
        angle, axis = (2 * torch.rand(2, n, device=device) - 1) * math.pi
        return Change(
            torch.stack([across, chosen(down, 0, self.p)], 1),
            chosen(scale, 0, self.p),
            chosen(angle, 0, self.p),
            chosen(stretch, 0, self.p),
            chosen(axis, 0, 0.5),
            chosen(torch.randn(n, 2, device=device), 0, self.p),
        )
