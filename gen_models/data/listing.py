"""Which images lie in a folder, and which class each belongs to."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gen_models.errors import UsageError

# fmt: off
SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm",
    ".pbm", ".pnm", ".jp2", ".tga", ".ico",
})
# fmt: on


@dataclass(frozen=True)
class File:
    """An image file: its path below the root, and what tells that it was changed."""

    path: str
    size: int
    mtime: int

    @property
    def parent(self) -> str:
        """The first folder below the root, or "" for a file in the root itself."""
        return Path(self.path).parts[0] if len(Path(self.path).parts) > 1 else ""


def scan(root: Path) -> list[File]:
    """All image files below `root` in a stable order. Hidden files and links to folders are passed over.

    Raises:
        UsageError: If the folder is missing, unreadable or holds no image.
    """
    if not root.is_dir():
        raise UsageError(f"There is no folder {root}; name a folder of images: data.root=…")
    try:
        files = sorted(_files(root), key=lambda file: file.path)
    except OSError as error:
        raise UsageError(f"Cannot read {error.filename}: {error.strerror}.") from error
    if not files:
        raise UsageError(f"{root} holds no images (links to folders are not followed); name another: data.root=…")
    return files


def _files(root: Path) -> Iterator[File]:
    def fail(error: OSError) -> None:
        raise error

    for folder, subfolders, names in os.walk(root, onerror=fail):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith("."):
                status = path.stat() if path.exists() else path.lstat()  # a dangling link is no regular file
                if stat.S_ISREG(status.st_mode):  # opening a FIFO would wait for ever
                    yield File(path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns)


def shuffled(files: list[File], seed: int) -> list[File]:
    """Order by a hash of seed and path, so that a file keeps its place among the others when some are added."""
    return sorted(files, key=lambda file: hashlib.blake2b(f"{seed}/{file.path}".encode(), digest_size=8).digest())


def class_names(files: list[File], classes: bool | str, count: int | None) -> tuple[str, ...]:
    """The classes that the subfolders make; () for none.

    Args:
        files: A scan.
        classes: True, False, or "auto": classes if all images lie in two or more subfolders.
        count: Keep the first `count` classes by name.

    Raises:
        UsageError: If there are no classes, or fewer than asked for.
    """
    names = sorted({file.parent for file in files})
    if classes not in (True, False, "auto"):
        raise UsageError(f"data.classes={classes} is not known: choose auto, true or false.")
    if classes is True and "" in names:
        raise UsageError(f"{files[0].path} and others lie in no subfolder and so in no class: set data.classes=false.")
    if classes is False or (classes == "auto" and ("" in names or len(names) < 2)):
        names = []
    if count is not None and count > len(names):
        raise UsageError(f"data.num_classes={count} asks for more classes than the {len(names)} in the folder.")
    return tuple(names[:count])
