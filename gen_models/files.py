"""Files and folders that are whole or not there: written beside their place, flushed to the disk, then renamed."""

import errno
import glob
import json
import math
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import IO, Any

from gen_models.errors import UsageError

LARGEST = 2**28
"""Bytes of a file of a run that is read whole: a million rows of losses have fewer."""
COMMANDING = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160)], "\ufffd")
"""Control characters, all but those that part words and lines, with what is shown in their place."""


class _Remembering:
    """A binary file that remembers why writing failed: torch reports a full disk as a damaged archive.

    Args:
        file: The file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, content: Any) -> int:
        """Write bytes; the first error is kept."""
        try:
            return self._file.write(content)
        except OSError as error:
            self.error = self.error or error
            raise

    def flush(self) -> None:
        """Hand everything to the system."""
        self._file.flush()


def inside(folder: Path, *names: str | Path) -> Path:
    """Give a place in a folder of which a stranger may have made parts links, to be written to.

    Raises:
        UsageError: A link on the way leads out of the folder.
    """
    place = folder.joinpath(*names)
    if not within(folder, place):
        raise UsageError(
            f"{place} is behind a link that leads out of {folder}, through which nothing is written: put what it "
            "points to in its place."
        )
    return place


def within(folder: Path, place: Path) -> bool:
    """Whether a place of a folder, of which a stranger may have made parts links, lies in it."""
    return place.resolve().is_relative_to(folder.resolve())


def write_whole(path: Path, write: Callable[[Any], Any]) -> None:
    """Let `write` fill a file so that its name never stands for half of it, also after a loss of power.

    Args:
        path: The file; its folder exists.
        write: Is given an object with a `write` method that takes bytes.

    Raises:
        OSError: The disk is full, or the folder is not writable; what was there before stays.
    """
    with replacing(path) as place, place.open("wb") as file, _the_cause(remembering := _Remembering(file)):
        write(remembering)


def write_folder(path: Path, fill: Callable[[Path], Any]) -> None:
    """Let `fill` fill a folder so that its name never stands for half of it, also after a loss of power.

    Args:
        path: The folder, in the place of any that is there; its parent exists.
        fill: Is given an empty folder.

    Raises:
        OSError: The disk is full, or the parent is not writable; what was there before stays.
    """
    with replacing(path) as place:
        place.mkdir()
        fill(place)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a place beside `path`; what is written there takes its name when the block has ended, and the disk has it.

    For writers that want a name; it ends otherwise, so they are told the format.
    """
    temporary = _beside(path)
    try:
        yield temporary
        for file in temporary.iterdir() if temporary.is_dir() else ():
            _flush(file)
        _flush(temporary)
        if temporary.is_dir():  # which takes the place of no folder that is not empty
            shutil.rmtree(path, ignore_errors=True)
        os.replace(temporary, path)
    finally:
        _remove(temporary)
    _flush(path.parent)


def remove_halves(path: Path) -> None:
    """Remove what writers of a file or a folder that were killed have left beside it, where nobody writes it now."""
    for half in path.parent.glob(_beside(Path(glob.escape(path.name)), "*").name):
        _remove(half)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole; its folder need not exist yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda file: file.write(content))


def write_text(path: Path, text: str) -> None:
    """Write a text file whole; its folder need not exist yet."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write nested lists, dictionaries and plain values as JSON, whole; what is no finite number becomes null."""
    write_text(path, json.dumps(_finite(value), indent=1, allow_nan=False))


def read_bytes(path: Path) -> bytes:
    """Give what a file holds that a stranger may have put there: of bounded size, no pipe, no device without an end.

    Raises:
        OSError: It can't be read, is no file, or holds more than any run writes.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe would wait for a writer
    with open(descriptor, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        if about.st_size > LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {LARGEST // 2**20} MB, which no run writes", str(path))
        return file.read(LARGEST)


def read_text(path: Path) -> str:
    """Give what a text file of a stranger holds, see `read_bytes` and `shown`; what is no UTF-8 is replaced."""
    return shown(read_bytes(path).decode("utf-8", "replace"))


def shown(node: Any) -> Any:
    """Replace signs by which text commands a terminal, in nested containers of what a stranger has written."""
    if isinstance(node, dict):
        return {shown(key): shown(child) for key, child in node.items()}
    if isinstance(node, list):
        return [shown(child) for child in node]
    return node.translate(COMMANDING) if isinstance(node, str) else node


def read_json(path: Path) -> Any:
    """Give what a JSON file says, or None where it is missing or damaged: no half of it counts."""
    try:
        return shown(json.loads(read_bytes(path).decode()))
    except (OSError, ValueError, RecursionError):
        return None


def remove(path: Path) -> None:
    """Remove what stands in a place, be it a file, a link, or a folder; nothing need stand there."""
    if path.is_dir() and not path.is_symlink():
        rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _the_cause(file: _Remembering) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if file.error is not None:
            raise file.error from error
        raise


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(child) for child in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _beside(path: Path, writer: int | str = "") -> Path:
    """Where what is to lie at a place is written, by this process unless another is named."""
    return path.with_name(f".{path.name}.{writer or os.getpid()}.tmp")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Let the disk know of a file's content, or of a folder's names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
