"""DiffAugment (Zhao et al. 2020, https://arxiv.org/abs/2006.10738)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gen_models.augment.base import Augment
from gen_models.augment.geometry import random_shift


class DiffAugment(Augment):
    """DiffAugment: the same strong augmentation of all images, real and generated.

    Zhao et al. (2020), Differentiable augmentation for data-efficient GAN training, https://arxiv.org/abs/2006.10738.
    Shares of a side are rounded to the nearest pixel, and halves up, as in mit-han-lab/data-efficient-gans.

    Args:
        policy: Any of color (brightness, saturation, contrast), translation (by up to 1/8) and cutout (of half the
            sides), in the order of their application.
    """

    def __init__(self, policy: Sequence[str] = ("color", "translation", "cutout")) -> None:
        super().__init__()
        if unknown := set(policy) - _POLICIES.keys():
            raise ValueError(f"DiffAugment knows {', '.join(_POLICIES)}, not {', '.join(sorted(unknown))}.")
        self.policy = tuple(policy)

    def forward(self, x: Tensor) -> Tensor:
        """Change images (B, C, H, W)."""
        for name in self.policy:
            x = _POLICIES[name](x)
        return x


def _color(x: Tensor) -> Tensor:
    """Brightness by ±½, saturation by a factor up to 2 (which grey images don't have), contrast by ½ to 1½."""
    brightness, saturation, contrast = torch.rand(3, len(x), 1, 1, 1, device=x.device)
    x = x + brightness - 0.5
    x = _spread(x, x.mean(1, keepdim=True), 2 * saturation)
    return _spread(x, x.mean((1, 2, 3), keepdim=True), contrast + 0.5)


def _spread(x: Tensor, centre: Tensor, factor: Tensor) -> Tensor:
    return centre + factor * (x - centre)


def _translation(x: Tensor) -> Tensor:
    return random_shift(x, 1 / 8, mode="constant")


def _cutout(x: Tensor) -> Tensor:
    """Blank a rectangle of half the sides, whose centre is anywhere in the image."""
    return x * (_outside(x, 2) | _outside(x, 3))


def _outside(x: Tensor, dim: int) -> Tensor:
    """Which positions along `dim` are outside of a random half of it, (B, 1, H, 1) or (B, 1, 1, W)."""
    side, shape = x.shape[dim], [1, 1, 1, 1]
    shape[dim] = side
    half = (side + 1) // 2
    start = torch.randint(side + 1 - half % 2, (len(x), 1, 1, 1), device=x.device) - half // 2
    position = torch.arange(side, device=x.device).view(shape)
    return (position < start) | (position >= start + half)


_POLICIES = {"color": _color, "translation": _translation, "cutout": _cutout}
