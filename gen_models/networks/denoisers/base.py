"""Noise-conditional networks, whatever they predict: the noise, the data, a velocity."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class Denoiser(nn.Module, ABC):
    """Denoiser: a network of noisy samples, the level of their noise, and the class.

    What it predicts is the family's choice. Its last layer starts at zero, and so does what it gives.
    """

    classes: int
    """How many classes it can be told; 0 for a network that ignores them."""
    outputs: int
    """Factor on the channels of its output: 2 for a learned variance beside the prediction."""

    @abstractmethod
    def forward(self, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Tensor:
        """Give (B, *shape), or a multiple of its channels, for noisy samples (B, *shape).

        Args:
            x: Noisy samples, scaled to a variance near one.
            noise: (B,) float32 levels of the noise, numbers near one: t in [0, 1], or ln(σ)/4 of EDM.
            y: (B,) int64 classes; `classes`, one more than there are, is the null class of guidance, and None is the
                null class for all.
        """


class ClassEmbedding(nn.Module):
    """Class embedding with a null class, which starts at zero (Ho and Salimans 2022, https://arxiv.org/abs/2207.12598).

    Args:
        classes: How many classes; 0 for an embedding that is always zero.
        size: Size D of an embedding.
    """

    def __init__(self, classes: int, size: int) -> None:
        super().__init__()
        self.classes = classes
        self.size = size
        self.table = nn.Embedding(classes + 1, size) if classes else None
        if self.table is not None:
            nn.init.zeros_(self.table.weight[-1])

    def forward(self, y: Tensor | None, like: Tensor) -> Tensor:
        """Give (B, D) for classes (B,) int64, None for the null class, beside a tensor (B, …) `like`."""
        if self.table is None:
            return like.new_zeros(1, self.size)
        if y is None:
            y = torch.full((len(like),), self.classes, device=like.device)
        return self.table(y)
