"""Class-conditional networks."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Conditional(Protocol):
    """A network that may be conditioned on the class."""

    @property
    def classes(self) -> int:
        """How many classes; 0 for a network that ignores them."""
