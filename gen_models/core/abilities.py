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
class Settles(Protocol):
    """A model whose normalisations can be given the statistics of what it samples."""

    def settle(self, passes: int) -> None:
        """Take them from `passes` batches."""


@runtime_checkable
class Reconstructs(Protocol):
    """A model that can say what it has understood of a picture."""

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Encode and decode (B, *shape) in [-1, 1], without noise."""
