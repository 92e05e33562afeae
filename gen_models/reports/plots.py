"""Figures of several runs, over their turns or over what they differ in."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from omegaconf import DictConfig, OmegaConf

from gen_models.errors import UsageError, nearest
from gen_models.media.plots import panels
from gen_models.metrics.record import rounded
from gen_models.reports.finished import read as finished
from gen_models.reports.naming import names
from gen_models.run.history import METRICS, history
from gen_models.run.reading import CONFIG, check_exists, directories, flat, read_config

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 20
"""Largest value by smallest from which an axis is logarithmic."""
ENDING = 20
"""Signs of a directory's name, at most, in a label."""
ABSENT = object()
"""What a configuration gives for an option that it has not."""
LINE = 0.2
"""Height of a line of the legend, in inches."""


class Series(NamedTuple):
    """What is plotted as one line: its name, and pairs of x and y."""

    name: str
    points: list[tuple[Any, float]]

    def __str__(self) -> str:
        """The line as a sentence."""
        return f"{self.name}: {', '.join(f'{rounded(y, 4)} at {x}' for x, y in self.points)}."


def found(folders: Sequence[Path]) -> list[Path]:
    """All run directories in these folders, themselves included.

    Raises:
        UsageError: One of them is not there, or holds none.
    """
    return [run for folder in folders for run in _below(folder)]


def _below(folder: Path) -> list[Path]:
    runs = directories(folder)
    check_exists(folder)
    if not runs:
        raise UsageError(f"there is no run in {folder}: a run directory holds a {CONFIG}.")
    return runs


def over_turns(runs: Sequence[Path], columns: Sequence[str]) -> list[Series]:
    """Follow each column of each run's metrics.csv through the turns."""
    if len(runs) == 1:
        return [Series(name, read(runs[0], name)) for name in columns]
    titles = {name: f" {name}" if len(columns) > 1 else "" for name in columns}
    labelled = list(zip(labels(runs), runs, strict=True))
    return [Series(label + title, read(run, name)) for label, run in labelled for name, title in titles.items()]


def labels(runs: Sequence[Path]) -> list[str]:
    """Name runs by what they differ in; those that differ in nothing also by the ends of their directories' names."""
    short = names([finished(run) for run in runs])
    return [
        name if short.count(name) == 1 else f"{name} {run.name[-ENDING:]}"
        for name, run in zip(short, runs, strict=True)
    ]


def over_runs(runs: Sequence[Path], columns: Sequence[str], key: str) -> list[Series]:
    """Set the last value of each column, or figure, beside what the run's configuration says under `key`."""
    places = {run: _place(run, key) for run in runs}
    order = sorted(runs, key=lambda run: (isinstance(places[run], str), places[run]))
    return [Series(name, [(places[run], last(run, name)) for run in order]) for name in columns]


def _place(run: Path, key: str) -> Any:
    """What the run's configuration says under `key`: a number, or a word; of a file of conf/, its name."""
    cfg = read_config(run)
    value = OmegaConf.select(cfg, key, default=ABSENT)
    if value is ABSENT:
        known = flat(OmegaConf.to_container(cfg))
        close = get_close_matches(key, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "--x takes one that the runs differ in."
        raise UsageError(f"{run} has no option {key}: {hint}")
    return OmegaConf.select(cfg, f"choices.{key}") or _word(value)


def _word(value: Any) -> Any:
    """A number as it is, of a part its class, of a map of parts their names, and whatever else as it is written."""
    if isinstance(value, DictConfig):
        return value._target_.rpartition(".")[2] if "_target_" in value else ", ".join(map(str, value)) or "none"
    return value if isinstance(value, int | float) else str(value)


def read(run: Path, column: str) -> list[tuple[int, float]]:
    """Give turns and values of a column of the run's metrics.csv.

    Raises:
        UsageError: There is no such column.
    """
    rows = history(run)
    values = [(int(row["turn"]), row[column]) for row in rows if column in row]
    if not values:
        raise UsageError(
            f"{run / METRICS} has no column '{column}': {nearest(column, {name for row in rows for name in row})}"
        )
    return values


def last(run: Path, column: str) -> float:
    """Give what was logged last in a column of metrics.csv, or else the figure of that name of the last evaluation.

    Raises:
        UsageError: There is neither.
    """
    figures = {record.key: record.value for record in finished(run).records if record.value is not None}
    known = figures | {name: value for row in history(run) for name, value in row.items()}
    if column not in known:
        raise UsageError(f"{run} has logged no '{column}', and has no such figure: {nearest(column, known)}")
    return known[column]


def plotted(lines: Sequence[Series], x: str, title: str, y: str = "") -> "Figure":
    """Draw the lines, dots over names and means of what stands at one place; an axis of far values is logarithmic."""
    figure, (axes,) = panels(1, title)
    figure.set_figheight(figure.get_figheight() + LINE * len(lines))
    for line in lines:
        _draw(axes, line)
    values = [value for line in lines for value, _ in line.points]
    if x != "turn" and all(isinstance(v, int | float) for v in values) and max(values) > WIDE * min(values) > 0:
        axes.set_xscale("log")
    axes.set(xlabel=x, ylabel=y)
    axes.grid(alpha=0.25)
    figure.legend(loc="outside lower left", fontsize=8)  # below: names of recipes would hide lines
    return figure


def _draw(axes: "Axes", line: Series) -> None:
    at: dict[Any, list[float]] = {}
    for place, value in line.points:
        at.setdefault(place, []).append(value)
    named, several = isinstance(line.points[0][0], str), len(at) < len(line.points)
    marker = "o" if named else "." if len(line.points) < WIDE or several else None
    dots = axes.plot(
        *zip(*line.points, strict=True), marker=marker, linestyle="" if named or several else "-", label=line.name
    )
    if several and not named:  # seeds
        axes.plot(list(at), [fmean(values) for values in at.values()], color=dots[0].get_color())
