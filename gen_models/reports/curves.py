"""Curves of runs as numbers, which a page draws by uPlot (https://github.com/leeoniya/uPlot, in `vendor`)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gen_models.reports.finished import Finished, Point

POINTS = 300
"""Points of a line, at most."""
UNPLOTTED = ("lr/", "step", "epoch", "turn", "images", "theory/")
"""Columns of a history that are no curves."""
DASHES = ((), (6, 3), (2, 2))


@dataclass(frozen=True)
class Pen:
    """How the lines of one run look, in every plot: a hue in degrees, and lengths of dashes and gaps."""

    hue: int
    dash: Sequence[int]


def pens(count: int) -> list[Pen]:
    """Give pens that differ in hue, and neighbours in hue also in their dashes."""
    return [Pen(round(360 * i / max(1, count) + 210) % 360, DASHES[i % len(DASHES)]) for i in range(count)]


def plotted(runs: Sequence[Finished]) -> list[str]:
    """Name what there is to plot: figures first, then what players minimised and noted."""
    noted = dict.fromkeys(name for run in runs for row in run.history for name in row if not name.startswith(UNPLOTTED))
    figures = {record.key for run in runs for record in run.records}
    return sorted(noted, key=lambda name: name not in figures)


def numbers(names: Iterable[str], labels: Sequence[str], runs: Sequence[Finished]) -> dict[str, Any]:
    """Give all lines of some plots, ready for JSON; what is no finite number is null."""
    ink = pens(len(runs))
    return {
        "runs": [
            {"label": label, "hue": pen.hue, "dash": list(pen.dash)} for label, pen in zip(labels, ink, strict=True)
        ],
        "plots": [{"name": name, "lines": [_line(thinned(run.points(name))) for run in runs]} for name in names],
    }


def thinned(points: Sequence[Point]) -> Sequence[Point]:
    """At most `POINTS` points: means over equally long stretches, at the end of each."""
    size = max(1, -(-len(points) // POINTS))
    parts = [points[start : start + size] for start in range(0, len(points), size)]
    return [part[-1]._replace(value=sum(point.value for point in part) / len(part)) for part in parts]


def _line(points: Sequence[Point]) -> dict[str, list[float | None]]:
    columns = zip(*points, strict=True) if points else ((), (), (), ())
    return {name: [_short(value) for value in column] for name, column in zip(Point._fields, columns, strict=True)}


def _short(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
