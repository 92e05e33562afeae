"""The contract of invertible maps."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

from torch import Tensor, nn


class Bijection(nn.Module, ABC):
    """An invertible map with a tractable Jacobian."""

    @abstractmethod
    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give z and log|det dz/dx| (B,) of x for the classes y (B,)."""

    @abstractmethod
    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the x that `forward` maps to z."""


class Chain(Bijection):
    """Bijections one after another: their log-determinants add up."""

    def __init__(self, parts: Sequence[Bijection]) -> None:
        super().__init__()
        self.parts: Sequence[Bijection] = nn.ModuleList(parts)  # type: ignore[assignment]

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run the parts in order."""
        total = x.new_zeros(len(x))
        for part in self.parts:
            x, log_det = part(x, y)
            total = total + log_det
        return x, total

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Run the parts' inverses in reverse order."""
        for part in reversed(self.parts):
            z = part.inverse(z, y)
        return z


class Flow(Bijection):
    """Samples (B, *shape) to latents (B, num_dims), as a chain of bijections that a subclass's constructor makes.

    Attributes:
        num_dims: Dimensions of a sample, and of a latent.
        classes: Classes that it is told; 0 when it ignores them.
    """

    @abstractmethod
    def __init__(self, shape: Sequence[int], classes: int, parts: Sequence[Bijection]) -> None:
        super().__init__()
        self.num_dims = math.prod(shape)
        self.classes = classes
        self.chain = Chain(parts)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give latents (B, num_dims) and log|det dz/dx| (B,)."""
        return self.chain(x, y)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) of latents (B, num_dims)."""
        return self.chain.inverse(z, y)
