"""Rows of a board, runs that are alike but for their seeds; and its columns, figures under one protocol."""

import json
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gen_models.errors import UsageError, nearest
from gen_models.metrics.record import AS_THE_DATA, COSTS, Record, key_of
from gen_models.reports.board import Board, Cell, Column, Row, interval
from gen_models.reports.finished import Finished
from gen_models.reports.naming import names, recipe

NAMED = ("density", "truncation", "averaged")
"""Settings of sampling that are named wherever they are there; others where a recipe was sampled with several."""
UNNAMED = ("n_codes",)
"""Settings that another one brings along."""


def board(runs: Sequence[Finished], figures: Sequence[str] = ()) -> Board:
    """Group runs by recipe, and figures by what they measure and how.

    Args:
        runs: Of one data set.
        figures: Keys of the figures to show, in this order, of one extractor (`kid_efficientnet_lite0`) or of all
            (`kid`); all figures by default.

    Raises:
        UsageError: No run has one of them.
    """
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
    columns = _together(sorted(counts, key=lambda column: (column.label in COSTS, -counts[column])))
    if figures:
        columns = _asked(columns, figures)
        rows = [replace(row, cells={c: row.cells[c] for c in columns if c in row.cells}) for row in rows]
    return Board(columns, _ranked(rows, columns), _stand_ins(runs, columns))


def _together(columns: Sequence[Column]) -> list[Column]:
    """The columns with those of one figure in several spaces, or by several rules, beside one another."""
    figures = list(dict.fromkeys(column.figure for column in columns))
    return sorted(columns, key=lambda column: figures.index(column.figure))


def _asked(columns: Sequence[Column], figures: Sequence[str]) -> list[Column]:
    """The columns of some figures, in the order in which these were asked for."""
    named = {column: {key_of(column.label), key_of(column.figure)} for column in columns}
    known = set().union(*named.values())
    for figure in figures:
        if figure not in known:
            raise UsageError(f"no run has a figure '{figure}': {nearest(figure, known)}")
    return list(dict.fromkeys(column for figure in figures for column in columns if figure in named[column]))


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
    return {column: _cell(records, len(group)) for column, records in found.items()}


def _stand_ins(runs: Sequence[Finished], columns: Sequence[Column]) -> dict[str, dict[Column, Record]]:
    """What was judged in place of samples under the protocols of columns; of several runs the first counts."""
    found: dict[str, dict[Column, Record]] = {}
    for name, records in (judged for run in runs for judged in run.stand_ins.items()):
        for column, record in ((_column(record), record) for record in records):
            if column in columns:
                found.setdefault(name, {}).setdefault(column, record)
    return found


def _column(record: Record) -> Column:
    """Its protocol; who is asked for classes as the data have them is compared with who is told none."""
    protocol = {name: value for name, value in record.protocol.items() if (name, value) != ("classes", AS_THE_DATA)}
    conditions = json.dumps(protocol, sort_keys=True)
    return Column(record.label, conditions, record.higher_is_better, record.real)


def _cell(records: Sequence[Record], runs: int) -> Cell:
    known = [record for record in records if record.value is not None]
    values = [record.value for record in known if record.value is not None]
    before = [record.untrained for record in records if record.untrained is not None]
    untrained = sum(before) / len(before) if before else None
    if not values:
        return Cell(None, None, len(records), untrained, runs)
    spread = known[0].error if len(values) == 1 else interval(values)
    return Cell(sum(values) / len(values), spread, len(values), untrained, runs)


def _ranked(rows: Sequence[Row], columns: Sequence[Column]) -> list[Row]:
    if not columns or columns[0].label in COSTS:
        return list(rows)
    first, sign = columns[0], -1 if columns[0].up else 1

    def rank(row: Row) -> float:
        """Last where there is no figure, or none that has a value."""
        mean = row.cells[first].mean if first in row.cells else None
        return math.inf if mean is None else sign * mean

    return sorted(rows, key=rank)
