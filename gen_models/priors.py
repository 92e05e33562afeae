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


class Truncated:
    """Gaussians drawn again until they lie within a limit: fidelity for variety (Brock et al. 2019, section 3.1).

    Args:
        limit: Largest absolute value of an entry.
    """

    def __init__(self, limit: float = 0.5) -> None:
        if limit <= 0:
            raise ValueError(f"latents are truncated to a positive limit, not {limit}.")
        self.limit = limit

    def sample(self, n: int, dim: int, device: torch.device) -> Tensor:
        """Draw (n, dim) float32."""
        return torch.nn.init.trunc_normal_(torch.empty(n, dim, device=device), a=-self.limit, b=self.limit)


class Uniform:
    """Independent uniform variables in [-1, 1] (Goodfellow et al. 2014; Radford et al. 2016)."""

    def sample(self, n: int, dim: int, device: torch.device) -> Tensor:
        """Draw (n, dim) float32."""
        return torch.rand(n, dim, device=device).mul_(2).sub_(1)
