"""What a run has logged: the one reader of `metrics.csv`."""

import csv
from pathlib import Path

METRICS = "metrics.csv"
"""Its place in the run directory."""


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file as it stands, "" where a row has no value of a column; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def history(run: Path) -> list[dict[str, float]]:
    """What the run has logged, in the order of its turns: for each logging the columns that it has a value of."""
    return [{name: float(value) for name, value in row.items() if value} for row in rows(run / METRICS)]
