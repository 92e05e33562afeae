"""Cache on disk: what is expensive to make is made once, by one process, and again where it can't be read."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from gen_models.files import remove_halves

T = TypeVar("T")
log = logging.getLogger(__name__)


def kept(path: Path, read: Callable[[Path], T | None], write: Callable[[Path], Any]) -> T:
    """Give what lies at `path`; the first process to ask puts it there while the others wait, without any collective.

    Args:
        path: A file or a folder; its folder need not exist yet.
        read: Gives what lies there, or None where it is missing or damaged.
        write: Puts it there whole (`write_whole`, `write_folder`), in the place of what is damaged.

    Raises:
        OSError: The place can't be written, or what has been written there can't be read.
    """
    if (found := read(path)) is not None:
        return found
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        if (found := read(path)) is not None:
            return found
        if path.exists():
            log.warning("%s is damaged; it is made again.", path)
        remove_halves(path)
        write(path)
        if (found := read(path)) is not None:
            return found
    raise OSError(f"what was written to {path} can't be read again")
