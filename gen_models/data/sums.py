"""What files hold, as one short id: of a set it stays when the set is copied, and changes with any of its files."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

SIZE = 16
"""Bytes of a file's sum."""


def sum_of(file: Path | bytes) -> bytes:
    """Sum what a file holds, of which there is the place or the content; of one that can't be read nothing."""
    if isinstance(file, bytes):
        return hashlib.blake2b(file, digest_size=SIZE).digest()
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=SIZE)).digest()
    except OSError:
        return b""


def short_id(held: bytes) -> str:
    """Sixteen hexadecimal digits of what is held."""
    return hashlib.blake2b(held, digest_size=8).hexdigest()


def mark(parts: Iterable[bytes | memoryview]) -> int:
    """A number of 64 bits by which what is held, in parts, is told to be equal to something else or not."""
    hashed = hashlib.blake2b(digest_size=8)
    for part in parts:
        hashed.update(part)
    return int.from_bytes(hashed.digest(), "little", signed=True)


def content(sums: Mapping[str, bytes]) -> str:
    """Sixteen hexadecimal digits of files' sums by their paths below the root."""
    hashed = hashlib.blake2b(digest_size=8)
    for path in sorted(sums):
        hashed.update(os.fsencode(path) + b"\0" + sums[path].ljust(SIZE, b"\0"))
    return hashed.hexdigest()
