"""Which images lie in a folder, and which class and which split each belongs to."""

import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple, get_args

from gen_models.data.interface import Split
from gen_models.errors import UsageError, visible

# fmt: off
SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm",
    ".pbm", ".pnm", ".jp2", ".tga", ".ico",
})
SPLIT_NAMES: Mapping[str, Split] = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "test": "test", "testing": "test",
}
# fmt: on
"""Names of folders that are splits, where all that the root holds are such, and words in those of shards."""
SPLITS = get_args(Split)


@dataclass(frozen=True)
class File:
    """A file: its path below the root, what tells that it was changed, and its split where a folder says which."""

    path: str
    size: int
    mtime: int
    split: Split | None = None

    @property
    def parent(self) -> str:
        """The first folder below the root, or below that of its split; "" for a file in there itself."""
        inner = self.path if self.split is None else self.path.partition("/")[2]
        folder, slash, _ = inner.partition("/")
        return folder if slash else ""


class Found(NamedTuple):
    """What lies in a folder.

    Attributes:
        files: Those of the endings that are read, by their paths.
        left_out: How many of all else that is not hidden, by kind: by its ending, or in words.
    """

    files: list[File]
    left_out: Counter[str]


def scan(root: Path) -> Found:
    """Find all image files below `root`. Hidden files are passed over, and links to folders are not followed.

    Raises:
        UsageError: If the folder is missing, unreadable or holds no image.
    """
    found = listed(root, SUFFIXES, "images")
    if not found.files:
        beside = f", only {told(found.left_out)}" if found.left_out else ""
        raise UsageError(f"{root} holds no images{beside}: name another by data.root=…")
    return found


def listed(root: Path, endings: Collection[str], what: str) -> Found:
    """Find all files of some endings below `root`, in a stable order.

    Raises:
        UsageError: If the folder is missing or unreadable.
    """
    if not root.is_dir():
        raise UsageError(f"There is no folder {root}; name a folder of {what}: data.root=…")
    left_out: Counter[str] = Counter()
    try:
        files = list(_files(root, "", endings, left_out))
    except OSError as error:
        raise UsageError(f"Cannot read {error.filename}: {error.strerror}.") from error
    return Found(sorted(files, key=lambda file: file.path), left_out)


def told(kinds: Mapping[str, int]) -> str:
    """Write how many there are of each kind, the most frequent first."""
    return " · ".join(f"{kind} {count:,}" for kind, count in Counter(kinds).most_common())


def _files(folder: str | Path, below: str, endings: Collection[str], left_out: Counter[str]) -> Iterator[File]:
    """The files of a folder, whose path ends in `below`; of a million, each is looked at once."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                inner = _files(entry.path, f"{below}{entry.name}/", endings, left_out)
                if (first := next(inner, None)) is None:
                    left_out["folders without any"] += 1
                else:
                    yield from chain([first], inner)
            elif _suffix(entry.name) not in endings:
                left_out[_kind(entry)] += 1
            elif (status := _status(entry)) is not None:
                yield File(below + entry.name, status.st_size, status.st_mtime_ns)
            else:
                left_out[_kind(entry)] += 1


def _kind(entry: "os.DirEntry[str]") -> str:
    """What an entry is called that is no file to be read."""
    if entry.is_dir():
        return "links to folders"
    if not entry.is_file():
        return "links to nothing" if entry.is_symlink() else "no files"
    return printable(_suffix(entry.name)) or "without ending"


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return dot + suffix.lower() if stem else ""


def _status(entry: "os.DirEntry[str]") -> os.stat_result | None:
    """What the system says of a regular file; None of all else: a dangling link, a pipe that waits to be written to."""
    try:
        status = entry.stat()
    except OSError:
        if not entry.is_symlink():
            raise
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def split_by_folder(files: list[File], classes: bool | str = "auto") -> list[File]:
    """Note each file's split, where a folder `train` and others of `SPLIT_NAMES` are all that the root holds.

    Raises:
        UsageError: Other folders lie beside those of splits, or none is to train on, and `classes` does not say that
            all are classes.
    """
    tops = {name: SPLIT_NAMES.get(name.lower()) for name in {file.parent for file in files}}
    found = set(tops.values()) - {None}
    others = sorted(name for name, split in tops.items() if split is None)
    if not found or found == {"train"} or (classes is True and (others or "train" not in found)):
        return files
    if "train" not in found:
        held = " and ".join(f"{name}/" for name in sorted(set(tops) - set(others)))
        raise UsageError(
            f"there is a folder {held} and no train/ beside it, and what is held out is not trained on: add train/, or "
            "say data.classes=true if all folders are classes."
        )
    if others:
        splits = ", ".join(f"{name}/" for name in sorted(set(tops) - set(others)))
        beside = f"{others[0]}/" if others[0] else "images"
        raise UsageError(
            f"beside the splits {splits} lies what is none, such as {beside}: move it away, or say data.classes=true "
            "if all folders are classes."
        )
    return [replace(file, split=tops[file.parent]) for file in files]


def by_hash(files: list[File], seed: int) -> list[File]:
    """Order by a hash of seed and path, within each split: a file keeps its place when others are added."""

    def place(file: File) -> tuple[int, bytes]:
        hashed = hashlib.blake2b(os.fsencode(f"{seed}/{file.path}"), digest_size=8)
        return SPLITS.index(file.split or "train"), hashed.digest()

    return sorted(files, key=place)


def printable(name: str) -> str:
    """Spell out what of a file's name can't be printed or saved: bytes that are not UTF-8, and control characters."""
    return visible(os.fsencode(name).decode("utf-8", "backslashreplace"))


def natural(names: Iterable[str]) -> list[str]:
    """Sort as people do: cat2 before cat10."""
    return sorted(names, key=lambda name: ([_key(part) for part in re.split(r"(\d+)", name)], name))


def _key(part: str) -> tuple[int, str]:
    return (int(part), "") if part.isdecimal() else (-1, part.casefold())


def class_names(files: list[File], classes: bool | str, count: int | None) -> tuple[str, ...]:
    """Name the classes that the subfolders make, in natural order; () for none.

    Args:
        files: A scan.
        classes: True, False, or "auto": classes where there are two or more subfolders.
        count: Keep the first `count` classes by name.

    Raises:
        UsageError: If there are no classes or fewer than asked for, or images lie beside them.
    """
    if classes not in (True, False, "auto"):
        raise UsageError(f"data.classes={classes} is not known: choose auto, true or false.")
    names = natural({printable(parent) for parent in {file.parent for file in files}} - {""})
    loose = [file.path for file in files if not file.parent]
    wanted = classes is True or (classes == "auto" and len(names) > 1)
    if wanted and loose:
        lie, them = (f"and {len(loose) - 1} others lie", "them") if loose[1:] else ("lies", "it")
        raise UsageError(
            f"{printable(loose[0])} {lie} in no subfolder and so in no class: move {them} into one, or set "
            "data.classes=false to have no classes."
        )
    names = names if wanted else []
    if count is not None and count > len(names):
        raise UsageError(f"data.num_classes={count} asks for more classes than the {len(names)} in the folder.")
    return tuple(names[:count])
