"""Image stores: decode once, then gather whole batches from a memory map."""

from __future__ import annotations

import json
import math
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from types import TracebackType
from typing import Any

import numpy as np

from gen_models.cache import kept
from gen_models.errors import UsageError
from gen_models.files import write_folder

VERSION = 2
"""Of what a store notes beside its images: another one renews all stores."""


@dataclass(frozen=True)
class ImageStore:
    """A directory with `images.npy`, `labels.npy` and `meta.json`.

    Attributes:
        path: The directory.
        images: (N, H, W, C) uint8, memory-mapped.
        labels: (N,) int64.
        meta: What the builder noted.
    """

    path: Path
    images: np.ndarray
    labels: np.ndarray
    meta: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> ImageStore:
        """Open a finished store.

        Raises:
            UsageError: If a file is missing, cut short or of another shape.
        """
        try:
            meta = json.loads((path / "meta.json").read_text("utf-8"))
            images = np.load(path / "images.npy", mmap_mode="r")
            labels = np.load(path / "labels.npy")
        except (OSError, ValueError, EOFError, TokenError) as error:  # the last of a header's bits
            raise UsageError(
                f"The image store {path} is damaged ({error}); delete it to have it built again."
            ) from error
        if images.dtype != np.uint8 or images.ndim != 4 or labels.dtype != np.int64 or labels.shape != images.shape[:1]:
            raise UsageError(f"The image store {path} has arrays of the wrong shape; delete it to have it built again.")
        return cls(path, images, labels, meta)


class StoreWriter:
    """Writer of a store, image by image: a context manager that completes the files when the block succeeds.

    Args:
        folder: An existing, empty directory.
        shape: (H, W, C) of every image.
        count: Images that will come at most; room for them is checked first.

    Raises:
        UsageError: If the disk is too full.
    """

    def __init__(self, folder: Path, shape: tuple[int, int, int], count: int) -> None:
        need, free = count * math.prod(shape), shutil.disk_usage(folder).free
        if need > free:
            raise UsageError(
                f"{count} images of {need / 1e9:.1f} GB do not fit into {folder.parent}, where {free / 1e9:.1f} GB are "
                "free; choose another place: data.cache=…"
            )
        self.folder, self.shape = folder, shape
        self.labels: list[int] = []

    def __enter__(self) -> StoreWriter:
        self.file = (self.folder / "images.npy").open("wb")
        self.file.write(self._header())
        return self

    def add(self, image: np.ndarray, label: int = 0) -> None:
        """Append one (H, W, C) uint8 image."""
        if image.shape != self.shape or image.dtype != np.uint8:
            raise UsageError(f"An image of {image.shape} {image.dtype} came where {self.shape} uint8 was due.")
        self.file.write(image.tobytes())
        self.labels.append(label)

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        with self.file:
            if kind is None:
                self.file.seek(0)
                self.file.write(self._header())
                np.save(self.folder / "labels.npy", np.array(self.labels, np.int64))

    def _header(self) -> bytes:
        """A .npy header of 128 bytes whatever the count, so that it can be rewritten at the end."""
        shape = (len(self.labels), *self.shape)
        text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}".ljust(117) + "\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def cached_store(path: Path, write: Callable[[Path], dict[str, Any]]) -> ImageStore:
    """Open the store at `path`; the first process to ask builds it while the others wait.

    Args:
        path: Where the store lies, or is to lie.
        write: Fills a new directory by means of `StoreWriter` and returns the meta data.

    Raises:
        UsageError: If the place cannot be written.
    """

    def fill(folder: Path) -> None:
        (folder / "meta.json").write_text(json.dumps(write(folder)), "utf-8")

    try:
        return kept(path, _opened, lambda place: write_folder(place, fill))
    except OSError as error:
        raise UsageError(
            f"Cannot keep images in {path.parent} ({error}); choose another place: data.cache=…"
        ) from error


def _opened(path: Path) -> ImageStore | None:
    try:
        return ImageStore.open(path)
    except UsageError:
        return None
