"""Affine generator, whose density is known in closed form."""

import torch
from torch import Tensor, nn

from gen_models.bounds import Scale


class AffineGenerator(nn.Module):
    """Affine generator x = shift + scale z: a Gaussian, of standard Gaussian latents.

    Args:
        shift: Mean of every coordinate.
        scale: Standard deviation of every coordinate.
    """

    def __init__(self, shift: float = 0.0, scale: Scale = 0.2) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.tensor(shift))
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give samples (B, D) for latents (B, D)."""
        return self.shift + self.scale * z

    def log_density(self, x: Tensor) -> Tensor:
        """Log density in nats of points (B, D) under standard Gaussian latents: (B,)."""
        return torch.distributions.Normal(self.shift, self.scale.abs()).log_prob(x).sum(1)
