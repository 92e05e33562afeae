"""Learning-rate schedules (of any option of an optimizer) as functions of the turn, without state."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


class Schedule(ABC):
    """Factor on an option's initial value, by the turn (counted from 0)."""

    @abstractmethod
    def __call__(self, turn: int) -> float:
        """Give the factor of `turn`."""


@dataclass(frozen=True)
class WarmUp(Schedule):
    """Linear warm-up: rise to 1 over the first `turns` turns."""

    turns: int

    def __call__(self, turn: int) -> float:
        """Give the factor of `turn`."""
        return min(1.0, (turn + 1) / self.turns)


@dataclass(frozen=True)
class LinearDecay(Schedule):
    """Linear decay: stay at 1 up to turn `start`, then go linearly to `final` at turn `end` and stay there."""

    end: int
    start: int = 0
    final: float = 0.0

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a linear decay must end after it starts: start={self.start}, end={self.end}.")

    def __call__(self, turn: int) -> float:
        """Give the factor of `turn`."""
        progress = (turn - self.start) / (self.end - self.start)
        return 1.0 + (self.final - 1.0) * min(1.0, max(0.0, progress))


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """Exponential decay: halve every `halflife` turns, down to `floor`."""

    halflife: float
    floor: float = 0.0

    def __call__(self, turn: int) -> float:
        """Give the factor of `turn`."""
        return max(self.floor, 0.5 ** (turn / self.halflife))


@dataclass(frozen=True)
class Product(Schedule):
    """Product of several schedules, such as warm-up and decay."""

    factors: Sequence[Schedule]

    def __call__(self, turn: int) -> float:
        """Give the factor of `turn`."""
        product = 1.0
        for factor in self.factors:
            product *= factor(turn)
        return product
