"""Bijections: invertible maps with tractable Jacobians, and compositions of them."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

FARTHEST = 1e12
"""How far from 0 inverses go: parts that divide by small scales would overflow, and be no numbers (NaN) after it."""


class Bijection(nn.Module, ABC):
    """Bijection: an invertible map with a tractable Jacobian determinant."""

    @abstractmethod
    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give z and log|det dz/dx| (B,) of x for the classes y (B,)."""

    @abstractmethod
    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the x that `forward` maps to z."""


class Composition(Bijection):
    """Composition of bijections: their log-determinants add up."""

    def __init__(self, parts: Sequence[Bijection]) -> None:
        super().__init__()
        self.parts: Sequence[Bijection] = nn.ModuleList(parts)  # type: ignore[assignment]

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run the parts in order."""
        log_dets = []
        for part in self.parts:
            x, log_det = part(x, y)
            log_dets.append(log_det)
        return x, torch.stack(log_dets).sum(0)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Run the parts' inverses in reverse order, none of them beyond what the next can compute with."""
        for part in reversed(self.parts):
            z = part.inverse(z, y).clamp(-FARTHEST, FARTHEST)
        return z


class Flow(Bijection):
    """Normalising flow: samples (B, *shape) to latents (B, num_dims), by a chain that a subclass puts together.

    Attributes:
        num_dims: Dimensions of a sample, and of a latent.
        classes: Classes that it is conditioned on; 0 when it ignores them.
    """

    @abstractmethod
    def __init__(self, shape: Sequence[int], classes: int, parts: Sequence[Bijection]) -> None:
        super().__init__()
        self.num_dims = math.prod(shape)
        self.classes = classes
        self.chain = Composition(parts)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give latents (B, num_dims) and log|det dz/dx| (B,)."""
        return self.chain(x, y)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) of latents (B, num_dims)."""
        return self.chain.inverse(z, y)

    @property
    def steps(self) -> int:
        """Steps of the inverse, one after another: 1 where it has all dimensions at once."""
        return 1
