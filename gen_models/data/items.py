"""Rows of images or points, gathered a batch at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
import torch
from torch import Tensor

from gen_models.data.mapped import read_in_no_order
from gen_models.data.sums import mark
from gen_models.waiting import awaited

MARKED = 1024
"""Items that are in memory at a time where all are marked."""


class Stored(ABC):
    """Items whose classes are known without reading them, and of which the first can be kept."""

    @abstractmethod
    def __len__(self) -> int:
        """Give their number."""

    @abstractmethod
    def gather(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Give x (B, C, H, W) uint8 with channels_last strides, or (B, D) float32; y (B,) int64."""

    @property
    @abstractmethod
    def classes(self) -> np.ndarray:
        """(n,) int64 class of each item."""

    @abstractmethod
    def head(self, count: int | None) -> Stored:
        """The first `count` items, or all of them."""

    def marks(self) -> np.ndarray:
        """(n,) int64 by which two items are told to be equal or not, but for chances of one in many millions."""
        spans = [range(len(self))[start : start + MARKED] for start in range(0, len(self), MARKED)]
        held = (item for span in awaited(spans, "comparing items", len(spans)) for item in self.gather(span)[0])
        return np.array([mark([np.ascontiguousarray(item.numpy()).data]) for item in held], np.int64)


class ArrayItems(Stored):
    """Some rows of two aligned arrays, in memory or memory-mapped.

    Args:
        x: (N, H, W, C) uint8 images or (N, D) float32 points.
        y: (N,) int64 classes.
        rows: The rows that belong to this set: a range, or (n,) positions in any order; all by default.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, rows: range | np.ndarray | None = None) -> None:
        self.x, self.y = x, y
        read_in_no_order(x)
        self.rows = range(len(y)) if rows is None else rows
        span = slice(self.rows.start, self.rows.stop) if isinstance(self.rows, range) else slice(None)
        self._x, self._y = np.asarray(x)[span], y[span]  # a plain array: numpy's memmap class slows every gather

    def __len__(self) -> int:
        return len(self.rows)

    def gather(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """One gather: x (B, C, H, W) uint8 with channels_last strides, or (B, D) float32; y (B,) int64."""
        index = np.asarray(indices, dtype=np.int64)
        index = index if isinstance(self.rows, range) else self.rows[index]
        x = torch.from_numpy(self._x.take(index, axis=0))
        return x.permute(0, 3, 1, 2) if x.ndim == 4 else x, torch.from_numpy(self._y[index])

    def __reduce__(self) -> tuple:
        if isinstance(self.x, np.memmap):  # pickling a map would copy the whole set into every worker
            return _reopen, (str(self.x.filename), self.x.shape, self.y, self.rows)
        return ArrayItems, (self.x, self.y, self.rows)

    @property
    def classes(self) -> np.ndarray:
        """(n,) int64 class of each item."""
        return self._y if isinstance(self.rows, range) else self._y[self.rows]

    def head(self, count: int | None) -> ArrayItems:
        """The first `count` items, or all of them."""
        return ArrayItems(self.x, self.y, self.rows[:count])

    def split(self, *counts: int) -> list[ArrayItems]:
        """The first items, as many as the first count says, the next by the next count, and at last all others."""
        ends = list(accumulate(counts))
        return [ArrayItems(self.x, self.y, self.rows[start:end]) for start, end in pairwise([0, *ends, None])]


def _reopen(path: str, shape: tuple[int, ...], y: np.ndarray, rows: range | np.ndarray) -> ArrayItems:
    return ArrayItems(np.load(path, mmap_mode="r").reshape(shape), y, rows)
