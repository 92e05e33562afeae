"""Base densities of normalising flows."""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


class BaseDensity(ABC):
    """Base density: independent latents with a density in closed form."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density (B,) in nats of latents (B, D)."""

    @abstractmethod
    def sample(self, n: int, dim: int, device: torch.device) -> Tensor:
        """Draw (n, dim) float32."""


class Normal(BaseDensity):
    """Standard normal density of independent latents."""

    def log_prob(self, z: Tensor) -> Tensor:
        """-½ Σ (z² + log 2π)."""
        return -0.5 * (z.square() + math.log(2 * math.pi)).sum(1)

    def sample(self, n: int, dim: int, device: torch.device) -> Tensor:
        """Draw (n, dim) float32."""
        return torch.randn(n, dim, device=device)


class Logistic(BaseDensity):
    """Standard logistic density of independent latents, with tails heavier than a Gaussian's.

    Dinh et al. (2015), section 3.4, https://arxiv.org/abs/1410.8516.
    """

    def log_prob(self, z: Tensor) -> Tensor:
        """-Σ log(1 + eᶻ) + log(1 + e⁻ᶻ)."""
        return (logsigmoid(z) + logsigmoid(-z)).sum(1)

    def sample(self, n: int, dim: int, device: torch.device) -> Tensor:
        """Draw (n, dim) float32 by the inverse of the distribution function."""
        return torch.rand(n, dim, device=device).logit_(eps=1e-7)
