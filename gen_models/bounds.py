"""The least that an option takes: said where it is annotated, and checked before anything is built.

`every: Annotated[int, AtLeast(0)]` is read of the signatures of constructors (`gen_models.run.check`), so that the
refusal names the option as it is typed.
"""

from dataclasses import dataclass
from typing import Annotated

from gen_models.errors import UsageError, at_least


@dataclass(frozen=True)
class AtLeast:
    """Lower bound of a numeric option.

    Args:
        minimum: The least that is taken.
    """

    minimum: float

    def check(self, path: str, name: str, value: float) -> None:
        """Refuse the value of an option `name` of the object at `path`, as a `UsageError`."""
        at_least(self.minimum, path, **{name: value})


@dataclass(frozen=True)
class Above:
    """Strict lower bound of a numeric option.

    Args:
        limit: What is not taken, nor anything below.
    """

    limit: float

    def check(self, path: str, name: str, value: float) -> None:
        """Refuse the value of an option `name` of the object at `path`, as a `UsageError`."""
        if value <= self.limit:
            raise UsageError(f"{path}.{name}={value} is too small: it must be above {self.limit}.")


Natural = Annotated[int, AtLeast(0)]
"""A count that may be nought: turns from one look to the next, where 0 is never."""

Positive = Annotated[int, AtLeast(1)]
"""A count of things of which there has to be one."""

Weight = Annotated[float, AtLeast(0)]
"""Factor of a term, which at 0 is left out."""

Scale = Annotated[float, Above(0)]
"""A length that is divided by: a step, a noise level."""
