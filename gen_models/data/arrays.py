"""Arrays as a data set: images or points in any usual layout, brought to the one that the harness gathers from."""

import hashlib
import math
from functools import cached_property
from typing import Any, Literal, final

import numpy as np

from gen_models.errors import UsageError

Channels = Literal["auto", "first", "last"]
COLOURS = (1, 3)
"""Channels that a picture may have: grey, or red, green and blue."""
CHUNK = 4096
"""Rows that are converted or hashed at a time, so that no second copy of the whole is needed."""


@final
class Arrays:
    """Items and their classes, checked and in one layout.

    Args:
        x: Images (N, H, W, C), (N, C, H, W) or (N, H, W), or points (N, D). Images are uint8 in 0..255, or floats, all
            of them in [0, 1], or in [-1, 1] if any is negative, which are rounded to 256 levels. Points are floats in
            [-1, 1].
        y: (N,) classes: whole numbers from 0, or words, which are numbered in alphabetical order. None for data
            without classes.
        channels: Where those of an image stand: `first`, `last`, or `auto`, by which of the two is 1 or 3.

    Raises:
        UsageError: The arrays are of another shape, type or range, or don't fit each other.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray | None = None, channels: Channels = "auto") -> None:
        if x.ndim not in (2, 3, 4) or len(x) < 2:
            raise UsageError(f"data.x has shape {x.shape}: give two images or more (N, H, W, C), or points (N, D).")
        self.x = _points(x) if x.ndim == 2 else _images(x, channels)
        self.y, self.names = _classes(y, len(x))

    @property
    def group(self) -> str:
        """The file of `conf/data` for such items: it says what they are judged by."""
        return "points" if self.x.ndim == 2 else "array"

    @cached_property
    def content(self) -> str:
        """Sixteen hexadecimal digits that identify the items and their classes."""
        hashed = hashlib.blake2b(f"{self.x.shape} {self.names}".encode(), digest_size=8)
        for array in (self.x, self.y):
            for start in range(0, len(array), CHUNK):
                hashed.update(np.ascontiguousarray(array[start : start + CHUNK]).data)
        return hashed.hexdigest()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Arrays":
        return self  # Hydra copies what it is given, and these may fill half the memory


def _points(x: np.ndarray) -> np.ndarray:
    if not np.issubdtype(x.dtype, np.floating):
        raise UsageError(f"data.x of shape {x.shape} are points, which are floats in [-1, 1], and not {x.dtype}.")
    low, high = _range(x)
    if not -1 <= low <= high <= 1:
        raise UsageError(f"points lie in [-1, 1], and data.x in [{low:.4g}, {high:.4g}]: scale them.")
    return np.ascontiguousarray(x, dtype=np.float32)


def _images(x: np.ndarray, channels: Channels) -> np.ndarray:
    """Give (N, H, W, C) uint8, by copying only what is of another layout or type: a memory map stays one."""
    x = x[..., None] if x.ndim == 3 else x
    if _channels_first(x.shape, channels):
        x = np.moveaxis(x, 1, -1)
    if np.issubdtype(x.dtype, np.floating):
        return _quantised(x)
    if x.dtype != np.uint8:
        raise UsageError(f"images are uint8 in 0..255 or floats in [0, 1] or [-1, 1], and data.x is {x.dtype}.")
    return x if x.flags.c_contiguous else np.ascontiguousarray(x)


def _channels_first(shape: tuple[int, ...], channels: Channels) -> bool:
    if channels not in ("auto", "first", "last"):
        raise UsageError(f"data.channels={channels} is not known: choose auto, first or last.")
    first, last = shape[1] in COLOURS, shape[-1] in COLOURS
    if channels == "auto" and first and last:
        raise UsageError(f"data.x of shape {shape} may have its channels first or last: say data.channels=last.")
    if not (last if channels == "last" else first if channels == "first" else first or last):
        raise UsageError(f"data.x of shape {shape} has neither 1 nor 3 channels where they are looked for.")
    return first and channels != "last"


def _quantised(x: np.ndarray) -> np.ndarray:
    """Round floats to 0..255: those of the whole set are in [-1, 1] if any is negative, and in [0, 1] if none is."""
    low, high = _range(x)
    if not -1 <= low <= high <= 1:
        raise UsageError(
            f"images of floats lie in [0, 1] or [-1, 1], and data.x in [{low:.4g}, {high:.4g}]: undo their "
            "normalisation, or give uint8."
        )
    shift, scale = (1.0, 127.5) if low < 0 else (0.0, 255.0)
    pixels = np.empty(x.shape, np.uint8)
    for start in range(0, len(x), CHUNK):
        pixels[start : start + CHUNK] = np.rint((x[start : start + CHUNK].astype(np.float32) + shift) * scale)
    return pixels


def _range(x: np.ndarray) -> tuple[float, float]:
    """Give the smallest and the largest value; both are nan where any is, which is refused, as infinite ones are."""
    parts = [x[start : start + CHUNK] for start in range(0, len(x), CHUNK)]
    low, high = float(np.min([part.min() for part in parts])), float(np.max([part.max() for part in parts]))
    if not math.isfinite(high - low):
        raise UsageError("data.x has values that are no finite numbers: leave out the items that have any.")
    return low, high


def _classes(y: np.ndarray | None, count: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Give (N,) int64 classes and their names."""
    if y is None:
        return np.zeros(count, np.int64), ()
    if y.shape != (count,):
        raise UsageError(f"data.y has shape {y.shape}, and there are {count} items: give one class for each.")
    if y.dtype.kind == "U":
        words, y = np.unique(y, return_inverse=True)
        return y.astype(np.int64), tuple(map(str, words))
    if y.dtype.kind not in "iub":
        raise UsageError(f"classes are whole numbers or words, and data.y is {y.dtype}.")
    y = y.astype(np.int64)
    if y.min() < 0 or y.max() >= count:
        raise UsageError(f"classes are numbered from 0, and data.y has {y.min()} to {y.max()}: number them anew.")
    return y, tuple(map(str, range(int(y.max()) + 1)))
