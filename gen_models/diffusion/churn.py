"""Churn of EDM's stochastic sampler (Karras et al. 2022, https://arxiv.org/abs/2206.00364, algorithm 2)."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Churn:
    """Noise added before each step within a range of noise levels, which corrects errors of earlier steps.

    Args:
        amount: S_churn: of all steps together; a step raises its level by at most √2.
        sigma_min: S_min, the least level that is raised.
        sigma_max: S_max, the highest one.
        noise: S_noise, factor on the noise; slightly above 1 makes up for detail that is lost.
    """

    amount: float
    sigma_min: float = 0.0
    sigma_max: float = math.inf
    noise: float = 1.0

    def __call__(self, x: Tensor, sigma: float, steps: int) -> tuple[float, Tensor]:
        """Give the raised level and the state (B, *shape) at it."""
        if not self.sigma_min <= sigma <= self.sigma_max:
            return sigma, x
        raised = sigma * (1 + min(self.amount / steps, math.sqrt(2) - 1))
        return raised, x + math.sqrt(raised**2 - sigma**2) * self.noise * torch.randn_like(x)
