"""Distributions of the times at which a flow or a diffusion is trained."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor


class Times(ABC):
    """Distribution of times in [0, 1]."""

    @abstractmethod
    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n,) float32."""


class UniformTimes(Times):
    """Uniform times (Lipman et al. 2023, https://arxiv.org/abs/2210.02747)."""

    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n,) float32."""
        return torch.rand(n, device=device)


class LogitNormalTimes(Times):
    """Logit-normal times: more often in the middle, where it is hardest to tell noise and data apart.

    Esser et al. (2024), section 3.1, https://arxiv.org/abs/2403.03206.

    Args:
        mean: Of logit t; below 0 times nearer to 0 are drawn more often.
        std: Of logit t.
    """

    def __init__(self, mean: float = 0.0, std: float = 1.0) -> None:
        self.mean, self.std = mean, std

    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n,) float32."""
        return (self.mean + self.std * torch.randn(n, device=device)).sigmoid()


def spread_times(count: int, n: int, device: torch.device) -> Tensor:
    """Draw (count, n) times in (0, 1], each uniform, those of a column 1/count apart: their mean varies less.

    Kingma et al. (2021), https://arxiv.org/abs/2107.00630.
    """
    first = torch.rand(n, device=device)
    return 1 - (first + torch.arange(count, device=device)[:, None] / count) % 1
