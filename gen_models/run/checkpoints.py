"""Immutable checkpoint files and the manifest that says which of them count.

A file is written beside its place, flushed to the disk and renamed; the manifest follows in the same way, last. A
process killed at any moment therefore leaves a folder whose newest listed file is whole, and a file that rots later is
found out by its hash and passed over. The hash is a part of the file's name, so that a manifest that is lost, or
damaged, is made again from the files.
"""

import hashlib
import math
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gen_models.errors import UsageError
from gen_models.files import remove, write_json, write_whole
from gen_models.run.manifest import FORMAT, Entry, Score, best_of, listed, scored

CHECKPOINTS = "checkpoints"
"""Their folder in the run directory."""
NAME = re.compile(r"turn-(\d{9,12})(?:-([0-9a-f]{16}))?\.ckpt")
"""Turns, and the beginning of the SHA-256 of the content, which files of format 1 lack."""
SCORE = "score"
"""Key of a checkpoint's score in its own file, for a manifest that is made again."""


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
        """All checkpoints that count, oldest first; read off the files where the manifest does not say.

        Raises:
            UsageError: A later version of this project wrote the manifest.
        """
        entries = listed(self.manifest)
        return self._found() if entries is None else entries

    @property
    def lost(self) -> bool:
        """Whether there are checkpoint files without a manifest that can be read."""
        return listed(self.manifest) is None and any(self.folder.glob("turn-*.ckpt"))

    def best(self) -> Entry | None:
        """The checkpoint with the best score, if any was scored."""
        return best_of(self.entries())

    def save(self, turn: int, payload: dict[str, Any], score: Score | None = None) -> Entry:
        """Write a checkpoint, list it, and only then delete those that are no longer needed.

        A score that is no finite number is none: it would be the best for ever.

        Raises:
            OSError: The disk is full or the folder is not writable; the older checkpoints still count.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        entry = self._write(turn, payload, score if score is not None and math.isfinite(score.value) else None)
        known = [other for other in self.entries() if other.turn < turn] + [entry]
        best = best_of(known)
        kept = [other for other in known if other in known[-self.keep :] or other == best]
        write_json(self.manifest, {"format": FORMAT, "checkpoints": [asdict(other) for other in kept]})
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
        return _content(path) if self.fits(entry) and _hash(path) == entry.sha256 else None

    def fits(self, entry: Entry) -> bool:
        """Whether a file is there and as long as what was written: all that can be said without reading it."""
        path = self.folder / entry.file
        return not path.is_symlink() and path.is_file() and path.stat().st_size == entry.bytes

    def _write(self, turn: int, payload: dict[str, Any], score: Score | None) -> Entry:
        """Write the file under a name without its hash, which is then known and becomes a part of the name."""
        import torch

        path = self.folder / f".turn-{turn:09d}.tmp"
        try:
            write_whole(path, lambda file: torch.save(payload | {SCORE: None if score is None else tuple(score)}, file))
            sha256 = _hash(path)
            remove(whole := self.folder / f"turn-{turn:09d}-{sha256[:16]}.ckpt")
            path.rename(whole)
        finally:
            path.unlink(missing_ok=True)
        return Entry(whole.name, turn, whole.stat().st_size, sha256, *scored(score))

    def _found(self) -> list[Entry]:
        """Entries of the files themselves, those that are not what their name says among them, to be passed over."""
        entries = []
        for path in sorted(self.folder.glob("turn-*.ckpt")):
            if (name := NAME.fullmatch(path.name)) is not None and path.is_file():
                sha256 = _hash(path)
                whole = name[2] is None or sha256.startswith(name[2])
                score = (_content(path) or {}).get(SCORE) if whole else None
                known = sha256 if whole else ""
                entries.append(Entry(path.name, int(name[1]), path.stat().st_size, known, *scored(score)))
        return sorted(entries, key=lambda entry: entry.turn)

    def _sweep(self, keep: set[str]) -> None:
        for path in self.folder.iterdir():
            if path.name not in keep and (path.suffix == ".ckpt" or path.name.endswith(".tmp")):
                remove(path)


def _content(path: Path) -> dict[str, Any] | None:
    """Tensors and plain values of a file, or None where it is no checkpoint; code in it is refused by torch."""
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # whatever reading a damaged or a forged file may end in
        return None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
