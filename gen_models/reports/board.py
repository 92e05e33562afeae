"""Figures of several runs in one table: a row for each recipe, a column for each figure under one protocol."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gen_models.metrics.record import NORMAL, Record, rounded
from gen_models.metrics.stand_ins import REAL, blind_to, verdicts
from gen_models.reports.finished import Finished

CONFIDENCE = 0.95
NOTHING = "–"
"""What stands for a figure without a value."""


@dataclass(frozen=True)
class Column:
    """A figure under one protocol.

    Attributes:
        label: Its name.
        conditions: Its protocol, as JSON.
        up: Whether more of it is better.
        real: What real data scores, where that is known.
    """

    label: str
    conditions: str
    up: bool
    real: float | None = field(compare=False)

    @property
    def extractor(self) -> str:
        """Whose features it is a figure of, or ""."""
        return str(json.loads(self.conditions).get("extractor", ""))

    @property
    def figure(self) -> str:
        """Its name without that of the extractor."""
        return self.label.removesuffix(f" ({self.extractor})")


@dataclass(frozen=True)
class Cell:
    """A figure of one recipe.

    Attributes:
        mean: Over the runs that have a value; None where none has.
        spread: Half the 95 % confidence interval of the mean over several seeds (Student's t); with one seed the
            figure's own error, where it has one.
        seeds: How many runs.
        untrained: What the untrained model scores, on average over the runs.
        runs: How many the row has; the others have no value, or were not asked.
    """

    mean: float | None
    spread: float | None
    seeds: int
    untrained: float | None
    runs: int = 1

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the mean; with one seed that of its own error, and None where nothing is known of it.

        Of KID and IS, whose own error is a deviation over subsets or splits, it is wider than 95 % for many samples.
        """
        if self.mean is None or self.spread is None:
            return None
        half = self.spread if self.seeds > 1 else NORMAL * self.spread
        return self.mean - half, self.mean + half

    def __str__(self) -> str:
        if self.mean is None:
            return NOTHING
        of = f", {self.seeds} of {self.runs} runs" if self.seeds < self.runs else ""
        if self.spread is None:
            return short(self.mean) + of
        mean, spread = short(self.mean), rounded(self.spread, 2)
        return (f"{mean} ± {spread}" if self.seeds > 1 else f"{mean} ({spread})") + of


@dataclass(frozen=True)
class Row:
    """A recipe, sampled in one way: its name, its runs (alike but for their seeds), and its figures."""

    name: str
    runs: Sequence[Finished]
    cells: Mapping[Column, Cell]

    @property
    def images(self) -> float:
        """Images that a run was shown, on average."""
        return sum(run.images for run in self.runs) / len(self.runs)

    @property
    def minutes(self) -> float:
        """Minutes that a run was trained, on average, wherever it was."""
        return sum(run.seconds for run in self.runs) / len(self.runs) / 60


@dataclass(frozen=True)
class Board:
    """The table, best recipe of the first column first; columns of what samples cost come last.

    Attributes:
        columns: All figures.
        rows: All recipes.
        stand_ins: What `gen-models sanity` made of real items, spoilt in known ways, in one of the runs; by their name.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    stand_ins: Mapping[str, Mapping[Column, Record]] = field(default_factory=dict)

    @property
    def shared(self) -> list[Column]:
        """Columns that compare, for several recipes have them; all columns where there is one recipe."""
        return [column for column in self.columns if len(self.rows) == 1 or len(self._having(column)) > 1]

    @property
    def lone(self) -> list[tuple[Row, Column]]:
        """The other columns, each with the one recipe that has it."""
        shared = self.shared
        alone = [column for column in self.columns if column not in shared]
        return [(row, column) for column in alone for row in self._having(column)]

    def best(self, column: Column) -> Row | None:
        """The row that is better than all others by more than chance: its interval overlaps with no other's."""
        found = [(row.cells[column].interval, row) for row in self._having(column)]
        known = [(interval, row) for interval, row in found if interval is not None]
        if len(known) < 2 or len(known) < len(found):
            return None
        if column.up:
            known = [((-high, -low), row) for (low, high), row in known]
        (_, high), row = min(known, key=lambda each: sum(each[0]))
        return row if all(low > high for (low, _), other in known if other is not row) else None

    def blind(self, column: Column) -> list[str]:
        """The spoilt stand-ins that a figure does not find worse than real items; none where none were judged."""
        judged = {name: [records[column]] for name, records in self.stand_ins.items() if column in records}
        return blind_to(verdicts(judged)[column.label]) if REAL in judged else []

    def _having(self, column: Column) -> list[Row]:
        return [row for row in self.rows if column in row.cells]


def short(value: float) -> str:
    """Three digits, without powers of ten where the number is large."""
    return rounded(value, 3)


def interval(values: Sequence[float]) -> float:
    """Half the confidence interval of the mean of a few values, by Student's t."""
    import numpy as np
    from scipy.special import stdtrit

    return float(stdtrit(len(values) - 1, 0.5 + CONFIDENCE / 2) * np.std(values, ddof=1) / math.sqrt(len(values)))
