"""Flips and shifts: changes that keep the class, for consistency regularisation."""

import torch
from torch import Tensor

from gen_models.augment.base import Augment
from gen_models.augment.geometry import random_shift


class FlipShift(Augment):
    """Random flips and shifts: half of the images are mirrored left-right, all are shifted by whole pixels.

    Zhang et al. (2020), section 3, https://arxiv.org/abs/1910.12027.

    Args:
        fraction: The largest shift, as a fraction of the sides.
    """

    def __init__(self, fraction: float = 0.125) -> None:
        super().__init__()
        self.fraction = fraction

    def forward(self, x: Tensor) -> Tensor:
        """Change images (B, C, H, W)."""
        mirrored = torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5
        return random_shift(torch.where(mirrored, x.flip(-1), x), self.fraction, mode="reflect")
