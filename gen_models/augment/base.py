"""Differentiable augmentation: the base class."""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class Augment(nn.Module, ABC):
    """Differentiable augmentation of real and generated images, in the turns of both players.

    It draws from torch's default generators, and can be differentiated twice by the images.
    """

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Change images (B, C, H, W) in [-1, 1], each in its own way; the result may leave that range."""

    def observe(self, real_logits: Tensor) -> None:
        """Learn what the critic says of real samples (B,), once in each of its moves."""
