"""What a model may be able to do beyond sampling: the only things that callbacks and analyses ask for."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Conditional(Protocol):
    """A network that is told the class."""

    @property
    def classes(self) -> int:
        """How many classes; 0 when it ignores them."""


@runtime_checkable
class Truncates(Protocol):
    """A model that can give up variety for fidelity."""

    def truncate(self, limit: float, passes: int) -> None:
        """Sample latents of at most `limit`, with normalisations that have seen `passes` batches of them."""


@runtime_checkable
class Reconstructs(Protocol):
    """A model that can say what it has understood of a picture."""

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Encode and decode (B, *shape) in [-1, 1], without noise."""
