"""Distributions of latents."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor


@runtime_checkable
class Prior(Protocol):
    """What latents are drawn from."""

    def sample(self, n: int, dim: int, device: torch.device) -> Tensor:
        """Draw (n, dim) float32."""


class Normal:
    """Independent standard Gaussians."""

    def sample(self, n: int, dim: int, device: torch.device) -> Tensor:
        """Draw (n, dim) float32."""
        return torch.randn(n, dim, device=device)


class Uniform:
    """Independent uniform variables in [-1, 1] (Goodfellow et al. 2014; Radford et al. 2016)."""

    def sample(self, n: int, dim: int, device: torch.device) -> Tensor:
        """Draw (n, dim) float32."""
        return torch.rand(n, dim, device=device).mul_(2).sub_(1)
