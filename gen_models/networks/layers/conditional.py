"""Class-conditional networks."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Conditional(Protocol):
    """A network that may be conditioned on the class."""

    @property
    def classes(self) -> int:
        """How many classes; 0 for a network that ignores them."""


@runtime_checkable
class PartlyTold(Conditional, Protocol):
    """A class-conditional network for partly labelled data, whose items have class -1 where it is not known."""

    @property
    def unknown(self) -> int:
        """What it takes for the class of these."""
