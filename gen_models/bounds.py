"""Bounds of numeric options: said where an option is annotated, and checked before anything is built.

`every: Annotated[int, AtLeast(0)]` is read of the signatures of constructors (`gen_models.run.check`), so that the
refusal names the option as it is typed. What no single number decides (an end before its start, a width that its heads
can't share) a constructor refuses itself, as a ValueError.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

from gen_models.errors import UsageError


@dataclass(frozen=True)
class Bound(ABC):
    """Bound of a numeric option.

    Args:
        limit: The number that values are compared with.
    """

    limit: float
    words: ClassVar[tuple[str, str]]
    """What a value beyond the bound is, and how an allowed one lies to the limit."""

    @abstractmethod
    def allows(self, value: float) -> bool:
        """Whether the option may have this value."""

    def check(self, name: str, value: float) -> None:
        """Refuse the value of the option that is typed as `name`, as a `UsageError`."""
        if not self.allows(value):
            beyond, relation = self.words
            raise UsageError(f"{name}={value} is too {beyond}: it must be {relation} {self.limit}.")


@dataclass(frozen=True)
class AtLeast(Bound):
    """Lower bound."""

    words = "small", "at least"

    def allows(self, value: float) -> bool:
        """Whether a value is no less than the limit."""
        return value >= self.limit


@dataclass(frozen=True)
class Above(Bound):
    """Strict lower bound."""

    words = "small", "above"

    def allows(self, value: float) -> bool:
        """Whether a value is more than the limit."""
        return value > self.limit


@dataclass(frozen=True)
class AtMost(Bound):
    """Upper bound."""

    words = "large", "at most"

    def allows(self, value: float) -> bool:
        """Whether a value is no more than the limit."""
        return value <= self.limit


@dataclass(frozen=True)
class Below(Bound):
    """Strict upper bound."""

    words = "large", "below"

    def allows(self, value: float) -> bool:
        """Whether a value is less than the limit."""
        return value < self.limit


Natural = Annotated[int, AtLeast(0)]
"""A count that may be nought: turns from one look to the next, where 0 is never."""

Positive = Annotated[int, AtLeast(1)]
"""A count of things of which there has to be one."""

Weight = Annotated[float, AtLeast(0)]
"""Factor of a term, which at 0 is left out."""

Scale = Annotated[float, Above(0)]
"""A length that is divided by: a step, a noise level."""

Length = Annotated[float, AtLeast(0)]
"""A length, a deviation, an exponent or a temperature that may be nought."""

Share = Annotated[float, AtLeast(0), AtMost(1)]
"""A part of a whole, or a probability."""

Fraction = Annotated[float, AtLeast(0), Below(1)]
"""A part of a whole, but never all of it: the share of the past in a moving average."""
