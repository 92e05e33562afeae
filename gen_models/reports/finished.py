"""What a run has left in its directory, read without building its model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import OmegaConf

from gen_models.errors import UsageError
from gen_models.files import within
from gen_models.media.image_files import readable
from gen_models.metrics.record import Record
from gen_models.metrics.records import read_records
from gen_models.metrics.stand_ins import Judged, read_stand_ins
from gen_models.reports.strips import StripRow, strip
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.command import typed
from gen_models.run.events import standing
from gen_models.run.history import history
from gen_models.run.reading import flat, once, read_config
from gen_models.run.stored import read_yaml
from gen_models.run.turn_files import turn_files
from gen_models.run.versions import told_version

HANDLING = frozenset(
    {"batch_size", "flip", "workers", "limit", "root", "cache", "labelled", "share", "label"}
    | {"validation_count", "validation_fraction", "validation_split"}
)
"""Options of a data set that leave its held-out items as they are."""
SAMPLES = "samples"
"""Folder of a run for the pictures that it draws."""
THEORY = "theory/"
"""What stands before the names of a theory experiment's figures."""


class Point(NamedTuple):
    """A value that was logged: after so many turns, images, and seconds, of which not every row says something."""

    turns: float
    images: float
    seconds: float | None
    value: float


@dataclass(frozen=True)
class Finished:
    """A run as reports see it.

    Attributes:
        path: Its directory.
        config: The resolved options, by dotted paths.
        turn: Turns that were complete at its last evaluation, or else at its last checkpoint.
        records: The figures of that evaluation, after any density that samples were drawn from.
        history: Rows of `metrics.csv`.
        pictures: The newest picture of each kind.
        command: What was typed, or "".
        version: That of this project which trained it last, or "".
        alarms: What went wrong in it and never came right.
        stand_ins: What `gen-models sanity` made of real items, spoilt in known ways.
    """

    path: Path
    config: Mapping[str, Any]
    turn: int
    records: Sequence[Record]
    history: Sequence[Mapping[str, float]]
    pictures: Mapping[str, Path]
    command: str
    version: str = ""
    alarms: Sequence[str] = ()
    stand_ins: Judged = field(default_factory=dict)

    @property
    def model(self) -> str:
        """Name of the model's file."""
        return str(self.config.get("choices.model", self.config.get("name", self.path.name)))

    @property
    def data(self) -> str:
        """Name of the data's file."""
        return str(self.config.get("choices.data", "data"))

    @property
    def images(self) -> float:
        """Images shown until the turn of its figures, which it may have left behind."""
        return max((row["images"] for row in self.history if "images" in row and row["turn"] <= self.turn), default=0.0)

    @property
    def seconds(self) -> float:
        """Seconds that these took, without pauses between restarts."""
        shown = self.images
        return max((seconds for images, seconds in self._seconds() if images <= shown), default=0.0)

    @property
    def claim(self) -> str:
        """What a theory experiment is to show, or ""."""
        return str(self.config.get("callbacks.theory.title", ""))

    @property
    def findings(self) -> dict[str, float]:
        """What a theory experiment has found, by name."""
        found = {name: value for row in self.history for name, value in row.items() if name.startswith(THEORY)}
        return {name.removeprefix(THEORY): value for name, value in found.items()}

    @property
    def strip(self) -> Sequence[StripRow]:
        """Samples of some turns."""
        shape = self.config.get("spec.shape", ())
        whole = isinstance(shape, list) and all(isinstance(size, int) and size > 0 for size in shape)
        folder = self.path / SAMPLES
        return strip(folder, shape if whole else ()) if within(self.path, folder) else ()

    def points(self, name: str) -> list[Point]:
        """Values of a column of the history."""
        seconds = dict(self._seconds())
        rows = [row for row in self.history if name in row and "images" in row]
        return [Point(row["turn"], row["images"], seconds.get(row["images"]), row[name]) for row in rows]

    def _seconds(self) -> Iterator[tuple[float, float]]:
        """Images, and the seconds that they had taken, after each row that says how fast it was."""
        rows = [row for row in self.history if row.get("images/s")]
        time = 0.0
        for before, row in pairwise([{"images": 0.0}, *rows]):
            time += (row["images"] - before["images"]) / row["images/s"]
            yield row["images"], time


def read(run: Path) -> Finished:
    """Read a run directory.

    Raises:
        UsageError: It is none.
    """
    config = flat(OmegaConf.to_container(read_config(run)))  # it is stored resolved: what is not stays text
    figures = turn_files((run / "evaluation").glob("turn-*.json"))
    saved = [entry.turn for entry in Store(run / CHECKPOINTS).entries()]
    turn = max([file.turn for file in figures] or saved or [0])
    records = [record for file in figures if file.turn == turn for record in read_records(file.path)]
    alarms = [str(event) for event in standing(run)]
    pictures = _pictures(run)
    told = _typed(run), told_version(run), alarms, read_stand_ins(run)
    return Finished(run, config, turn, records, history(run), pictures, *told)


def comparable(paths: Sequence[Path]) -> list[Finished]:
    """Read runs that may stand side by side, each once.

    Raises:
        UsageError: One has no checkpoint, or they are of different data.
    """
    runs = [read(path) for path in once(paths)]
    for run in runs:
        if not Store(run.path / CHECKPOINTS).entries():
            raise UsageError(f"{run.path} has no finished checkpoint: train it to its end, or leave it out.")
        if differing := _other_data(runs[0], run):
            key, first, second = differing
            raise UsageError(
                f"{runs[0].path} and {run.path} differ in their data ({key}: {first} and {second}): name runs of one."
            )
    return runs


def _other_data(one: Finished, other: Finished) -> tuple[str, Any, Any] | None:
    """An option of the data in which two runs differ, with its values; options that one of them lacks don't count."""
    for key in one.config.keys() & other.config.keys():
        group, _, option = key.partition(".")
        counts = key == "spec.shape" or (group == "data" and option not in HANDLING)
        if counts and one.config[key] != other.config[key]:
            return key, one.config[key], other.config[key]
    return None


def _pictures(run: Path) -> dict[str, Path]:
    """The newest file of each kind that can be read, a moving one before a still one; links may lead out of the run.

    It is named `<kind>-<turn>`, or `<kind>` alone where there is one of a run, as a theory experiment's plot.
    """
    found = sorted((run / SAMPLES).glob("*.*")) if within(run, run / SAMPLES) else []
    paths = [path for path in found if path.suffix in (".png", ".gif") and path.is_file()]
    of_turns = sorted(turn_files(paths), key=lambda file: (file.turn, file.path.suffix == ".gif"))
    named = {file.path: "samples" if file.kind == "turn" else file.kind for file in of_turns}
    named |= {path: path.stem for path in paths if path not in named and not path.is_symlink()}
    newest: dict[str, Path] = {}
    for path, kind in reversed(named.items()):
        if kind not in newest and readable(path):
            newest[kind] = path
    return newest


def _typed(run: Path) -> str:
    """What was typed; "" where that was not noted, or can't be read."""
    try:
        words = read_yaml(run / ".hydra" / "overrides.yaml")
    except (OSError, UsageError):
        return ""
    return typed(map(str, words if isinstance(words, list) else []))
