"""What the manifest of a run's checkpoints says: which files count, how they scored, and which is the best."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gen_models.errors import UsageError
from gen_models.files import read_json

FORMAT = 2
"""Of the manifest and the files."""


class Score(NamedTuple):
    """The monitored figure at a turn: its name for loggers, its value, and which way is up."""

    figure: str
    value: float
    higher_is_better: bool


@dataclass(frozen=True)
class Entry:
    """One checkpoint in the manifest.

    Attributes:
        file: Name in the folder.
        turn: Turns that were complete.
        bytes: Size of the file.
        sha256: Hash of its content.
        score: The monitored figure at that turn (None: not evaluated there).
        figure: Its name for loggers; "" in manifests of earlier versions.
        higher_is_better: Which way is up.
    """

    file: str
    turn: int
    bytes: int
    sha256: str
    score: float | None = None
    figure: str = ""
    higher_is_better: bool = False


def best_of(entries: Sequence[Entry]) -> Entry | None:
    """The best by the figure that was monitored last."""
    scored = [(entry.score, entry) for entry in entries if entry.score is not None]
    if not scored:
        return None
    _, last = scored[-1]
    sign = -1 if last.higher_is_better else 1
    alike = [(score, entry) for score, entry in scored if entry.figure in ("", last.figure)]
    return min(alike, key=lambda pair: sign * pair[0])[1]


def scored(score: tuple[str, float, bool] | float | None) -> tuple[float | None, str, bool]:
    """The end of an entry: of a score, of none, or of a number alone, as earlier files have it."""
    if isinstance(score, tuple):
        figure, value, up = score
        return value, figure, up
    return score, "", False


def listed(manifest: Path) -> list[Entry] | None:
    """What a manifest says; None where there is none, or it is damaged."""
    content = read_json(manifest)
    if not isinstance(content, dict) or not isinstance(written := content.get("format", 1), int):
        return None
    if written > FORMAT:
        raise UsageError(f"{manifest} is of a later version of gen_models: update it.")
    try:
        entries = [Entry(**entry) for entry in content["checkpoints"]]
    except (KeyError, TypeError):
        return None
    return entries if entries and all(map(_plain, entries)) else None


def _plain(entry: Entry) -> bool:
    """Whether an entry is of the right types, and names a file of its folder."""
    named = isinstance(entry.file, str) and Path(entry.file).name == entry.file and isinstance(entry.sha256, str)
    scored = entry.score is None or (isinstance(entry.score, int | float) and math.isfinite(entry.score))
    directed = isinstance(entry.figure, str) and isinstance(entry.higher_is_better, bool)
    return named and type(entry.turn) is int and type(entry.bytes) is int and scored and directed
