"""When a training has gone wrong: rules that read the history of one signal and say so in words."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import isnan
from statistics import median

from gen_models.metrics.record import Record, rounded

MEMORY = 50
"""Looks that a rule remembers, unless it needs all of them."""

ALIKE = "samples are all alike (mode collapse): they vary {} times as much as data"
REPEATED = "a few samples come again and again (mode collapse): the nearest other one is {} times as far as in data"

History = Sequence[tuple[int, float]]
"""Turns and values of a signal, oldest first; the last is the present one."""


class Rule(ABC):
    """Judges a signal by its history alone, so that plain numbers are all that a resumed run needs."""

    memory: int | None = MEMORY

    @abstractmethod
    def __call__(self, name: str, history: History) -> str | None:
        """Say what is wrong with the signal `name`, or None."""


@dataclass(frozen=True)
class Won(Rule):
    """A player's loss has vanished, as the critic's does before the generator stops learning.

    A loss that has been negative (Wasserstein's) has no zero to fall to, and is left alone.

    Args:
        vanished: The loss that counts as vanished, by term, as in `critic/adversarial`; a term may be a pattern.
        looks: At how many looks in a row it has to be so.
    """

    vanished: Mapping[str, float]
    looks: int = 1

    def bound(self, term: str) -> float | None:
        """The loss that counts as vanished, of the term by its name if it has one; None where nothing is said of it."""
        if term in self.vanished:
            return self.vanished[term]
        return next((bound for pattern, bound in self.vanished.items() if fnmatchcase(term, pattern)), None)

    def __call__(self, name: str, history: History) -> str | None:
        """Compare the last means with the vanished one."""
        values, bound = [value for _, value in history], self.bound(name)
        last = values[-self.looks :]
        if bound is None or min(values) < 0 or len(last) < self.looks or max(last) >= bound:
            return None
        player, _, term = name.partition("/")
        return (
            f"the {player} has won: its {term} loss is {values[-1]:.3g}, and nobody learns from it any more; "
            f"try a smaller model.optimizers.{player}.lr, a penalty, or another loss"
        )


@dataclass(frozen=True)
class Still(Rule):
    """A player's objective no longer moves, not even with its batches: no gradient reaches anything.

    An objective of exactly nothing has nothing to do and is left alone.

    Args:
        looks: At how many looks in a row it has to be so.
        motion: The largest difference, as a share of its size, that is none.
    """

    looks: int
    motion: float = 1e-4

    def __call__(self, name: str, history: History) -> str | None:
        """Compare the last values with each other."""
        last = [value for _, value in history[-self.looks :]]
        if len(last) < self.looks or not any(last) or max(last) - min(last) > self.motion * abs(last[-1]):
            return None
        since = history[-self.looks][0]
        return (
            f"the {name} no longer learns: its loss has stood at {last[-1]:.4g} since turn {since:,}; "
            f"try a smaller model.optimizers.{name}.lr, or another seed"
        )


@dataclass(frozen=True)
class Collapsed(Rule):
    """Samples differ much less from each other than data do.

    Args:
        smallest: Smallest healthy share of what data have.
        young: Looks at which half of that is enough.
        words: What has happened, around the share.
    """

    smallest: float
    young: int = 0
    words: str = ALIKE

    def __call__(self, name: str, history: History) -> str | None:
        """Compare the present share with the smallest."""
        share = history[-1][1]
        if not share < self.smallest / (2 if len(history) <= self.young else 1):
            return None
        return (
            f"{self.words.format(f'{share:.2g}')}; "
            "try more turns if it is young, else smaller learning rates, a penalty, or another loss"
        )


@dataclass(frozen=True)
class Jumped(Rule):
    """A positive quantity has left its running median far behind.

    Args:
        what: What it is, to go before its name.
        factor: How many times the median is too much.
        both: Whether the median divided by the factor is too little.
    """

    what: str
    factor: float
    both: bool = False

    def __call__(self, name: str, history: History) -> str | None:
        """Compare the present value with the median of those before it."""
        *past, (_, now) = history
        usual = median(value for _, value in past or history)
        if now > self.factor * usual > 0:
            verb = "exploded"
        elif self.both and self.factor * now < usual:
            verb = "vanished"
        else:
            return None
        return f"{self.what} {name} {verb}: it is {now:.3g} now, {usual:.3g} at the median before"


@dataclass(frozen=True)
class Turned(Rule):
    """A figure of merit stays worse than its best.

    Args:
        higher_is_better: Which way is up.
        margin: How much worse, as a share of the best.
        patience: For how many evaluations in a row.
    """

    higher_is_better: bool
    margin: float
    patience: int
    memory = None

    def best(self, history: History) -> tuple[int, float]:
        """Give the turn and the value of the best evaluation; one that is not a number is the worst."""
        sign = -1 if self.higher_is_better else 1
        return min(history, key=lambda entry: (isnan(entry[1]), sign * entry[1]))

    def __call__(self, name: str, history: History) -> str | None:
        """Compare the last evaluations with the best of all."""
        turn, best = self.best(history)
        bound = abs(best) * self.margin
        last = [value for _, value in history[-self.patience :]]
        if len(last) < self.patience or any(abs(value - best) <= bound for value in last):
            return None
        return f"{name} turned: it is {last[-1]:.3g} now, {best:.3g} at turn {turn:,}"


def disappointment(records: Sequence[Record]) -> str | None:
    """Say that the first figure which knows of the untrained model is no better than that of it, or None.

    Only the first counts: figures weigh different things, and a good model may be worse by another.
    """
    told = next((record for record in records if record.untrained is not None), None)
    if told is None or told.value is None or told.untrained is None or not told.disappoints:
        return None
    value, untrained = rounded(told.value, 4), rounded(told.untrained, 4)
    return (
        f"{told.label} is {value}, and that of the untrained model {untrained}; try more turns, and look at the samples"
    )
