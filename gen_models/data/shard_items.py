"""Images in tar shards, read from where they lie: any one at any time, so that the order is the harness's own."""

import io
import logging
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from gen_models.data.errors import BadImage
from gen_models.data.images import pixels
from gen_models.data.items import Stored
from gen_models.data.reader import Reader
from gen_models.data.shard_index import ShardIndex
from gen_models.errors import UsageError

log = logging.getLogger(__name__)

OPEN = 128
"""Shards that a process keeps open."""
DAMAGED = 10
"""So many unreadable images in a row are no accident."""


class ShardItems(Stored):
    """Images of tar shards, decoded when they are gathered.

    An image that can't be read is shown as the next that can, so that which are shown is still a function of the
    position alone.

    Args:
        shards: The tar files.
        index: Where the images lie.
        rows: (n,) positions in the index that belong to this set.
        reader: How they become squares.
    """

    def __init__(self, shards: Sequence[Path], index: ShardIndex, rows: np.ndarray, reader: Reader) -> None:
        self.shards, self.index, self.rows, self.reader = shards, index, rows, reader
        self._files: OrderedDict[int, BinaryIO] = OrderedDict()
        self._bad: set[int] = set()

    def __len__(self) -> int:
        return len(self.rows)

    def gather(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Read and decode x (B, C, H, W) uint8 with channels_last strides; y (B,) int64."""
        squares, rows = zip(*map(self._readable, indices), strict=True)
        x = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2)
        return x, torch.from_numpy(self.index.y[np.array(rows)])

    @property
    def classes(self) -> np.ndarray:
        """(n,) int64 class of each item."""
        return self.index.y[self.rows]

    def head(self, count: int | None) -> "ShardItems":
        """Give the first `count` items, or all of them."""
        return ShardItems(self.shards, self.index, self.rows[:count], self.reader)

    def marks(self) -> np.ndarray:
        """(n,) int64 by which two images are told to be equal or not: by their files' size and end, none is decoded."""
        return self.index.sums[self.rows]

    def __reduce__(self) -> tuple:  # open files can't be sent to a worker
        return ShardItems, (self.shards, self.index, self.rows, self.reader)

    def _readable(self, position: int) -> tuple[np.ndarray, int]:
        """Give the square at a position, or the next that can be read, and its row in the index."""
        for further in range(DAMAGED):
            row = int(self.rows[(position + further) % len(self.rows)])
            try:
                return self._square(row), row
            except BadImage as error:
                reason = f"the image at byte {self.index.offset[row]} of {self._shard(row)} cannot be read ({error})"
                if row not in self._bad:
                    self._bad.add(row)
                    log.warning("%s: the next is shown in its place.", reason)
        raise UsageError(f"{reason}, nor can the {DAMAGED - 1} before it: look at data.white, or replace the shard.")

    def opened(self, row: int) -> io.BytesIO:
        """The file of the image at a row of the index."""
        file = self._file(int(self.index.shard[row]))
        # at a place of its own: workers that were forked share the files' position with this process
        return io.BytesIO(os.pread(file.fileno(), int(self.index.size[row]), int(self.index.offset[row])))

    def _square(self, row: int) -> np.ndarray:
        reader = self.reader
        white = None if reader.white == "auto" else reader.white
        return pixels(self.opened(row), reader.size, reader.fit, reader.grey, white)

    def _shard(self, row: int) -> Path:
        return self.shards[self.index.shard[row]]

    def _file(self, shard: int) -> BinaryIO:
        """Give a shard, opened; of the others the least recently read is closed where there are too many."""
        if shard not in self._files:
            while len(self._files) >= OPEN:
                self._files.popitem(last=False)[1].close()
            self._files[shard] = self.shards[shard].open("rb")
        self._files.move_to_end(shard)
        return self._files[shard]
