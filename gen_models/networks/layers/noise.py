"""Gaussian noise on what a network reads in training."""

import torch
from torch import Tensor, nn


class InputNoise(nn.Module):
    """Additive Gaussian noise: in training each entry is moved by a draw of this standard deviation.

    A critic of codes reads through it, so that it cannot tell one-hot classes from probabilities by their last digits
    (musyoku/adversarial-autoencoder; of pictures, instance noise: Sønderby et al. 2017, https://arxiv.org/abs/1610.04490).
    """

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        """Give x with noise in training, and x itself in evaluation."""
        return x + self.std * torch.randn_like(x) if self.training else x

    def extra_repr(self) -> str:
        """Say the standard deviation."""
        return f"std={self.std}"
