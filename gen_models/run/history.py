"""What a run has logged: the one reader of `metrics.csv`."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gen_models.files import read_bytes, shown

METRICS = "metrics.csv"
"""Its place in the run directory."""


def rows(path: Path) -> list[dict[str, str]]:
    """The whole rows of a file as it stands, "" where a row has no value of a column; none where there is no file.

    A machine that died may have left half a row, or a tail of zero bytes: what is no row of numbers does not count.
    """
    return [row for row in _lines(path) if _whole(row)]


def torn(path: Path) -> bool:
    """Whether rows of a file are none, as after a loss of power."""
    return not all(map(_whole, _lines(path)))


def _lines(path: Path) -> Iterator[dict[str, str]]:
    try:
        text = shown(read_bytes(path).replace(b"\0", b"").decode(errors="replace"))
    except OSError:
        return iter(())
    return iter(csv.DictReader(text.splitlines(keepends=True)))


def _whole(row: Mapping[Any, Any]) -> bool:
    """Whether a row has a value, or none, for each column, and all of them are numbers, the turn among them."""
    if None in row or None in row.values() or not str(row.get("turn", "")).isdigit():
        return False
    try:
        return all(value == "" or float(value or 0) is not None for value in row.values())
    except ValueError:
        return False


def history(run: Path) -> list[dict[str, float]]:
    """What the run has logged, in the order of its turns: for each logging the columns that it has a value of."""
    return [{name: float(value) for name, value in row.items() if value} for row in rows(run / METRICS)]
