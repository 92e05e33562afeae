"""Figures of several runs in one table: a row for each recipe, a column for each figure under one protocol."""

import json
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gen_models.metrics.record import COSTS, NORMAL, Record
from gen_models.metrics.stand_ins import REAL, blind_to, verdicts
from gen_models.reports.finished import Finished
from gen_models.reports.naming import names, recipe

CONFIDENCE = 0.95
NAMED = ("density", "truncation", "averaged")
"""Settings of sampling that are named wherever they are there; others where a recipe was sampled with several."""
UNNAMED = ("n_codes",)
"""Settings that another one brings along."""
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
    """

    mean: float | None
    spread: float | None
    seeds: int
    untrained: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the mean; with one seed that of its own error, and None where nothing is known of it."""
        if self.mean is None or self.spread is None:
            return None
        half = self.spread if self.seeds > 1 else NORMAL * self.spread
        return self.mean - half, self.mean + half

    def __str__(self) -> str:
        if self.mean is None:
            return NOTHING
        if self.spread is None:
            return short(self.mean)
        return (
            f"{short(self.mean)} ± {self.spread:.2g}" if self.seeds > 1 else f"{short(self.mean)} ({self.spread:.2g})"
        )


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


def board(runs: Sequence[Finished]) -> Board:
    """Group runs by recipe, and figures by what they measure and how."""
    groups: dict[str, list[Finished]] = {}
    for run in runs:
        groups.setdefault(json.dumps(recipe(run), sort_keys=True, default=str), []).append(run)
    seeds = [_of_each_seed(group) for group in groups.values()]
    named = names([group[0] for group in seeds])
    rows = [row for name, group in zip(named, seeds, strict=True) for row in _rows(name, group)]
    counts: dict[Column, int] = {}
    for row in rows:
        for column in row.cells:
            counts[column] = counts.get(column, 0) + 1
    columns = sorted(counts, key=lambda column: (column.label in COSTS, -counts[column]))
    return Board(columns, _ranked(rows, columns), _stand_ins(runs, columns))


def _of_each_seed(group: Sequence[Finished]) -> list[Finished]:
    """The last run of each seed of a recipe: what was trained twice with one seed says nothing of chance."""
    kept = {str(run.config.get("seed")): run for run in group}
    for run in group:
        if (last := kept[str(run.config.get("seed"))]) is not run:
            warnings.warn(f"{run.path} is left out: {last.path} is the same recipe with the same seed.", stacklevel=3)
    return list(kept.values())


def _rows(name: str, group: Sequence[Finished]) -> Iterator[Row]:
    """The recipe sampled in its own way, and a row for each other way in which it was."""
    ways = {json.dumps(dict(record.way)): record.way for run in group for record in run.records}
    for way in sorted(ways.values() or [{}], key=len):
        asked = [f"{key}={value}" for key, value in way.items() if key in NAMED or _differ(ways.values(), key)]
        yield Row(", ".join([name, *asked]), group, _cells(group, way))


def _differ(ways: Iterable[Mapping[str, Any]], key: str) -> bool:
    """Whether a recipe was sampled with several values of a setting."""
    return key not in UNNAMED and len({str(way.get(key)) for way in ways}) > 1


def _cells(group: Sequence[Finished], way: Mapping[str, Any]) -> dict[Column, Cell]:
    found: dict[Column, list[Record]] = {}
    for run in group:
        for column, record in {_column(record): record for record in run.records if record.way == way}.items():
            found.setdefault(column, []).append(record)
    return {column: _cell(records) for column, records in found.items()}


def _stand_ins(runs: Sequence[Finished], columns: Sequence[Column]) -> dict[str, dict[Column, Record]]:
    """What was judged in place of samples under the protocols of columns; of several runs the first counts."""
    found: dict[str, dict[Column, Record]] = {}
    for name, records in (judged for run in runs for judged in run.stand_ins.items()):
        for column, record in ((_column(record), record) for record in records):
            if column in columns:
                found.setdefault(name, {}).setdefault(column, record)
    return found


def _column(record: Record) -> Column:
    conditions = json.dumps(record.protocol, sort_keys=True)
    return Column(record.label, conditions, record.higher_is_better, record.real)


def _cell(records: Sequence[Record]) -> Cell:
    known = [record for record in records if record.value is not None]
    values = [record.value for record in known if record.value is not None]
    before = [record.untrained for record in records if record.untrained is not None]
    untrained = sum(before) / len(before) if before else None
    if not values:
        return Cell(None, None, len(records), untrained)
    spread = known[0].error if len(values) == 1 else interval(values)
    return Cell(sum(values) / len(values), spread, len(values), untrained)


def short(value: float) -> str:
    """Three digits, without powers of ten where the number is large."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def interval(values: Sequence[float]) -> float:
    """Half the confidence interval of the mean of a few values, by Student's t."""
    import numpy as np
    from scipy.special import stdtrit

    return float(stdtrit(len(values) - 1, 0.5 + CONFIDENCE / 2) * np.std(values, ddof=1) / math.sqrt(len(values)))


def _ranked(rows: Sequence[Row], columns: Sequence[Column]) -> list[Row]:
    if not columns or columns[0].label in COSTS:
        return list(rows)
    first, sign = columns[0], -1 if columns[0].up else 1

    def rank(row: Row) -> float:
        """Last where there is no figure, or none that has a value."""
        mean = row.cells[first].mean if first in row.cells else None
        return math.inf if mean is None else sign * mean

    return sorted(rows, key=rank)
