"""What a row of the matrix is, and what its trials come to."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.faults.bench import Bench


@dataclass(frozen=True)
class Trial:
    """One fault and what became of the run.

    Attributes:
        held: Whether everything is as promised.
        seen: What was seen, in a few words.
        cost: How bad that is beside other trials that held: seconds, turns lost, megabytes.
        count: How many alike this stands for.
    """

    held: bool
    seen: str
    cost: float = 0
    count: int = 1


@dataclass(frozen=True)
class Row:
    """A kind of fault.

    Attributes:
        fault: What is done, and what has to hold.
        play: Makes about as many trials as it is asked for.
        full: How many those are at full size.
        short: How many in the short form.
    """

    fault: str
    play: Callable[[Bench, int], Iterator[Trial]]
    full: int
    short: int


@dataclass(frozen=True)
class Tally:
    """What the trials of a row came to."""

    trials: int
    held: int
    worst: str

    @classmethod
    def of(cls, trials: Iterable[Trial]) -> "Tally":
        """Count; the worst is the first that did not hold, or else the dearest."""
        made = list(trials)
        worst = max(made, key=lambda trial: (not trial.held, trial.cost), default=Trial(False, "no trial was made"))
        held = sum(trial.count for trial in made if trial.held)
        return cls(sum(trial.count for trial in made), held, worst.seen)
