"""Random shifts: the augmentation of training pictures that Glow was trained with."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from gen_models.augment.base import Augment
from gen_models.augment.geometry import translation, warp
from gen_models.bounds import Fraction


class Shift(Augment):
    """Random shifts of each image by parts of pixels: bilinear, the border repeated.

    The authors' code of Kingma and Dhariwal (2018), https://arxiv.org/abs/1807.03039, shifts by up to a tenth
    (openai/glow, data_loaders/get_mnist_cifar.py).

    Args:
        fraction: The largest shift, as a fraction of the sides.
    """

    def __init__(self, fraction: Fraction = 0.1) -> None:
        super().__init__()
        self.fraction = fraction

    def forward(self, x: Tensor) -> Tensor:
        """Change images (B, C, H, W)."""
        height, width = x.shape[2:]
        down, across = (int(side * self.fraction) + 1 for side in (height, width))
        padded = pad(x, (across, across, down, down), mode="replicate")
        most = self.fraction * torch.tensor([width, height], device=x.device)
        moved = warp(padded, translation((2 * torch.rand(len(x), 2, device=x.device) - 1) * most))
        return moved[:, :, down : down + height, across : across + width]
