"""Immutable checkpoint files and the manifest that says which of them count.

A file is written beside its place, flushed to the disk and renamed; the manifest follows in the same way, last. A
process killed at any moment therefore leaves a folder whose newest listed file is whole, and a file that rots later is
found out by its hash and passed over.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from pathlib import Path
from typing import IO, Any, NamedTuple

import torch

from gen_models.errors import UsageError

CHECKPOINTS = "checkpoints"
"""Their folder in the run directory."""
FORMAT = 1
"""Of the manifest."""


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


class Store:
    """The checkpoints of one run.

    Args:
        folder: Where they live.
        keep: How many recent ones stay; the best one stays in any case.
    """

    def __init__(self, folder: str | Path, keep: int = 2) -> None:
        if keep < 2:
            raise UsageError("keep at least 2 checkpoints: the newest may be the one that is damaged.")
        self.folder = Path(folder)
        self.keep = keep

    @property
    def manifest(self) -> Path:
        """The file that lists what counts."""
        return self.folder / "manifest.json"

    def entries(self) -> list[Entry]:
        """All checkpoints that count, oldest first."""
        if not self.manifest.exists():
            return []
        return [Entry(**entry) for entry in json.loads(self.manifest.read_text())["checkpoints"]]

    def best(self) -> Entry | None:
        """The checkpoint with the best score, if any was scored."""
        return _best(self.entries())

    def save(self, turn: int, payload: dict[str, Any], score: Score | None = None) -> Entry:
        """Write a checkpoint, list it, and only then delete those that are no longer needed.

        Raises:
            OSError: The disk is full or the folder is not writable; the older checkpoints still count.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"turn-{turn:09d}.ckpt"
        _write(path, lambda file: torch.save(payload, file))
        figure, value, up = score or ("", None, False)
        entry = Entry(path.name, turn, path.stat().st_size, _hash(path), value, figure, up)
        known = [other for other in self.entries() if other.turn < turn] + [entry]
        best = _best(known)
        kept = [other for other in known if other in known[-self.keep :] or other == best]
        text = json.dumps({"format": FORMAT, "checkpoints": [asdict(other) for other in kept]}, indent=1)
        _write(self.manifest, lambda file: file.write(text.encode()))
        self._sweep({other.file for other in kept})
        return entry

    def newest(self) -> tuple[Entry, dict[str, Any], list[str]] | None:
        """The newest checkpoint that is whole, its content, and the names of damaged ones passed over.

        Raises:
            UsageError: There are checkpoints, and none of them is whole.
        """
        damaged: list[str] = []
        for entry in reversed(self.entries()):
            if (payload := self.read(entry)) is not None:
                return entry, payload, damaged
            damaged.append(entry.file)
        if damaged:
            raise UsageError(
                f"every checkpoint in {self.folder} is damaged or missing ({', '.join(damaged)}): restore one of them, "
                "or start over with resume=never."
            )
        return None

    def read(self, entry: Entry) -> dict[str, Any] | None:
        """The content of a checkpoint, or None if it is not what was written."""
        path = self.folder / entry.file
        if not path.is_file() or path.stat().st_size != entry.bytes or _hash(path) != entry.sha256:
            return None
        return torch.load(path, map_location="cpu", weights_only=True)

    def _sweep(self, keep: set[str]) -> None:
        for path in self.folder.iterdir():
            if path.name not in keep and (path.suffix == ".ckpt" or path.name.endswith(".tmp")):
                path.unlink()


def _best(entries: Sequence[Entry]) -> Entry | None:
    """The best by the figure that was monitored last; what is not a number is the worst."""
    scored = [(entry.score, entry) for entry in entries if entry.score is not None]
    if not scored:
        return None
    _, last = scored[-1]
    sign = -1 if last.higher_is_better else 1
    alike = [(score, entry) for score, entry in scored if entry.figure in ("", last.figure)]
    return min(alike, key=lambda pair: (isnan(pair[0]), sign * pair[0]))[1]


def _write(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """Write a file so that its name never stands for half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
