"""Schedules: numbers as functions of the clock (turns, images or passes), without state to store.

A factor multiplies the number that the configuration gives, a value takes its place. Which number it is, a key of
`model.schedules` says: see `gen_models.core.targets`.
"""

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from gen_models.bounds import Positive, Scale
from gen_models.core.clock import Unit


class Schedule(ABC):
    """Schedule of a number: a function of the time since the beginning of the run.

    Attributes:
        unit: What the time is counted in: turns, images seen, passes over the training items, or, for options of an
            optimizer, moves of its player. The stages of networks that grow are steps by images.
    """

    unit: Unit

    @abstractmethod
    def __call__(self, time: float) -> float:
        """Give the factor, or the value, at `time`."""

    @abstractmethod
    def applied(self, configured: float, time: float) -> float:
        """Give the number at `time` that the configuration states as `configured`."""


class Factor(Schedule):
    """Schedule by multiplication: the configured number times a factor."""

    def applied(self, configured: float, time: float) -> float:
        """Multiply."""
        return configured * self(time)


class Value(Schedule):
    """Schedule by replacement: the configured number counts no more."""

    def applied(self, configured: float, time: float) -> float:
        """Replace."""
        return self(time)


@dataclass(frozen=True)
class WarmUp(Factor):
    """Linear warm-up: rise to 1 over the first `turns` turns, or moves."""

    turns: Positive
    unit: Unit = "turns"

    def __call__(self, time: float) -> float:
        """Give the factor at `time`."""
        return min(1.0, (time + 1) / self.turns)


@dataclass(frozen=True)
class LinearDecay(Factor):
    """Linear decay: stay at 1 up to `start`, then go linearly to `final` at `end` and stay there, in `unit`."""

    end: float
    start: float = 0
    final: float = 0.0
    unit: Unit = "turns"

    def __post_init__(self) -> None:
        _check_order("a linear decay", self.start, self.end)

    def __call__(self, time: float) -> float:
        """Give the factor at `time`."""
        return 1.0 + (self.final - 1.0) * _progress(time, self.start, self.end)


@dataclass(frozen=True)
class CosineDecay(Factor):
    """Cosine decay: stay at 1 up to `start`, then fall along half a cosine to `final` at `end`, in `unit`.

    Loshchilov and Hutter (2017), equation 5, without restarts, https://arxiv.org/abs/1608.03983.
    """

    end: float
    start: float = 0
    final: float = 0.0
    unit: Unit = "turns"

    def __post_init__(self) -> None:
        _check_order("a cosine decay", self.start, self.end)

    def __call__(self, time: float) -> float:
        """Give the factor at `time`."""
        return self.final + (1.0 - self.final) * _half_cosine(_progress(time, self.start, self.end))


@dataclass(frozen=True)
class ExponentialDecay(Factor):
    """Exponential decay: halve every `halflife` `unit`, down to `floor`."""

    halflife: Scale
    floor: float = 0.0
    unit: Unit = "turns"

    def __call__(self, time: float) -> float:
        """Give the factor at `time`."""
        return max(self.floor, 0.5 ** (time / self.halflife))


@dataclass(frozen=True)
class Product(Factor):
    """Product of several factors, such as warm-up and decay.

    Raises:
        ValueError: They count the time in different units.
    """

    factors: Sequence[Factor]

    def __post_init__(self) -> None:
        if len({factor.unit for factor in self.factors}) > 1:
            raise ValueError("the factors of a product count the time in one unit: give all of them the same unit.")

    @property
    def unit(self) -> Unit:  # type: ignore[override]
        """The unit of its factors."""
        return self.factors[0].unit if self.factors else "turns"

    def __call__(self, time: float) -> float:
        """Give the factor at `time`."""
        return math.prod(factor(time) for factor in self.factors)


@dataclass(frozen=True)
class Linear(Value):
    """Linear schedule: `initial` up to `start`, then linearly to `final` at `end`, in `unit`."""

    initial: float
    final: float
    end: float
    start: float = 0
    unit: Unit = "turns"

    def __post_init__(self) -> None:
        _check_order("a linear schedule", self.start, self.end)

    def __call__(self, time: float) -> float:
        """Give the value at `time`."""
        return self.initial + (self.final - self.initial) * _progress(time, self.start, self.end)


@dataclass(frozen=True)
class Cosine(Value):
    """Cosine schedule: `initial` up to `start`, then half a cosine to `final` at `end`, in `unit`.

    Loshchilov and Hutter (2017), equation 5, without restarts, https://arxiv.org/abs/1608.03983.
    """

    initial: float
    final: float
    end: float
    start: float = 0
    unit: Unit = "turns"

    def __post_init__(self) -> None:
        _check_order("a cosine schedule", self.start, self.end)

    def __call__(self, time: float) -> float:
        """Give the value at `time`."""
        return self.final + (self.initial - self.final) * _half_cosine(_progress(time, self.start, self.end))


@dataclass(frozen=True)
class Steps(Value):
    """Step schedule: one of `values` after another, the next one from each of `starts` on, in `unit`.

    Raises:
        ValueError: There is not one value more than starts, or these do not rise.
    """

    values: Sequence[float]
    starts: Sequence[float]
    unit: Unit = "turns"

    def __post_init__(self) -> None:
        if len(self.values) != len(self.starts) + 1 or list(self.starts) != sorted(self.starts):
            raise ValueError("a step schedule has rising starts, and one value more than these: the first one.")

    def __call__(self, time: float) -> float:
        """Give the value at `time`."""
        return self.values[bisect_right(self.starts, time)]


@dataclass(frozen=True)
class Doubling(Value):
    """Doubling schedule: `initial` at first, doubled at even distances, `final` in the last part before `end`.

    Song and Dhariwal (2023), section 3.4, https://arxiv.org/abs/2310.14189.
    """

    initial: Scale
    final: Scale
    end: float
    unit: Unit = "turns"

    def __call__(self, time: float) -> float:
        """Give the value at `time`."""
        parts = math.floor(math.log2(self.final / self.initial)) + 1
        doublings = int(time / max(1, self.end // parts))
        return min(self.initial * 2.0 ** min(doublings, parts), self.final)


def _progress(time: float, start: float, end: float) -> float:
    """The share of the way from start to end, within [0, 1]."""
    return min(1.0, max(0.0, (time - start) / (end - start)))


def _half_cosine(share: float) -> float:
    """Half a cosine, from 1 at share 0 to 0 at share 1."""
    return 0.5 * (1 + math.cos(math.pi * share))


def _check_order(name: str, start: float, end: float) -> None:
    if end <= start:
        raise ValueError(f"{name} must end after it starts: start={start}, end={end}.")
