"""The least that an option takes: said where it is annotated, and checked before anything is built.

`every: Annotated[int, AtLeast(0)]` is read of the signatures of constructors (`gen_models.run.check`), so that the
refusal names the option as it is typed.
"""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class AtLeast:
    """Lower bound of a numeric option.

    Args:
        minimum: The least that is taken.
    """

    minimum: float


Natural = Annotated[int, AtLeast(0)]
"""A count that may be nought: turns from one look to the next, where 0 is never."""

Positive = Annotated[int, AtLeast(1)]
"""A count of things of which there has to be one."""
