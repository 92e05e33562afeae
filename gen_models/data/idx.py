"""MNIST, Fashion-MNIST and Kuzushiji-MNIST: sets in the idx format of 28×28 grey images.

http://yann.lecun.com/exdb/mnist/, https://arxiv.org/abs/1708.07747, https://arxiv.org/abs/1812.01718
"""

import gzip
import math
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack, cast, final

import numpy as np

from gen_models.bounds import Natural, Positive
from gen_models.data.binary import Binary, binarised
from gen_models.data.download import download
from gen_models.data.held_out import carved, where_set
from gen_models.data.idx_sets import FILES, SETS
from gen_models.data.items import ArrayItems
from gen_models.data.loading import ImageLoading
from gen_models.data.source import Source, Splits
from gen_models.data.sums import short_id
from gen_models.errors import UsageError

SIDE = 28
MOST = 1_000_000_000
"""Bytes of an array at most; the largest of these sets has 47 million."""


@final
class Idx(Source):
    """A set of the MNIST family, from files on this machine or from its mirrors.

    Args:
        name: mnist, fashion_mnist or kmnist.
        root: Directory with the idx files, plain or .gz, or with a subdirectory `name` of them; downloads go there.
        size: Height and width; more than 28 centres the image on black.
        binary: Draw each pixel as black or white, by its grey value: once (fixed binarisation), or "anew" in every turn
            (dynamic binarisation; held-out items once).
        validation_count: The last so many training items are held out to choose by; MNIST is published with 10,000.
        loading: See `ImageLoading`.

    Raises:
        UsageError: If the name or size is wrong, or (when loading) a file is damaged or not to be had.
    """

    def __init__(
        self,
        name: str,
        root: str = "data",
        size: Positive = SIDE,
        binary: Binary = False,
        validation_count: Natural = 0,
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        if name not in SETS:
            raise UsageError(f"data.name={name} is not known: choose {', '.join(SETS)}.")
        if size < SIDE:
            raise UsageError(f"data.size={size} would cut the images: it must be at least {SIDE}.")
        self.name, self.root, self.size = name, Path(root).expanduser(), size
        self.binary, self.validation_count = binary, validation_count

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """The name, the size, and a hash of the pixels: what lies in a user's files is not known by their name."""
        files = cast(list[ArrayItems], [self.splits.train, self.splits.test])
        pixels = b"".join(items.x.tobytes() for items in files)  # whole files
        held = where_set(validation_count=self.validation_count, redrawn=self.redrawn)
        return {"name": self.name, "size": self.size, "content": short_id(pixels), **held}

    @property
    def class_ingredients(self) -> Mapping[str, Any]:
        """A hash of the labels, which lie in files of their own."""
        files = cast(list[ArrayItems], [self.splits.train, self.splits.test])
        return {"classes": short_id(b"".join(items.y.tobytes() for items in files))}

    @property
    def levels(self) -> int:
        """Two where the pixels are binary."""
        return 2 if self.binary else 256

    def load(self) -> Splits:
        """Read the files in their order, which is not random for every set; the last are for validation."""
        grey, test = self._grey("train"), self._grey("t10k")
        items = binarised(grey, seed=0) if self.binary else grey
        train, validation = carved(items, self.validation_count)
        again = grey.head(len(train)) if self.binary == "anew" else None
        test = binarised(test, seed=1) if self.binary else test
        return Splits(train, test, SETS[self.name].classes, validation, again)

    def _grey(self, split: str) -> ArrayItems:
        images = read_idx(self._find(f"{split}-images-idx3-ubyte"), 3)
        labels = read_idx(self._find(f"{split}-labels-idx1-ubyte"), 1)
        if len(images) != len(labels) or images.shape[1:] != (SIDE, SIDE) or labels.max(initial=0) > 9:
            raise UsageError(f"The {split} images and labels of {self.name} do not belong together; replace the files.")
        before = (self.size - SIDE) // 2
        border = (before, self.size - SIDE - before)
        return ArrayItems(np.pad(images, ((0, 0), border, border))[..., None], labels.astype(np.int64))

    def _find(self, file: str) -> Path:
        chosen = SETS[self.name]
        folders = (self.root, self.root / self.name, *chosen.system)
        for path in (folder / name for folder in folders for name in (file, f"{file}.gz")):
            if path.is_file():
                return path
        target = self.root / self.name / f"{file}.gz"
        urls = [f"{mirror}{file}.gz" for mirror in chosen.mirrors]
        everything = ", ".join(f"{each}.gz" for each in FILES)
        download(urls, target, chosen.sha256[file], f"put {everything} into {target.parent}{chosen.hint}")
        return target


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read a plain or gzipped idx file of bytes.

    Args:
        path: The file.
        dimensions: That the array has.

    Raises:
        UsageError: If it is another kind of file, cut short or damaged.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            zero, kind, rank, *shape = struct.unpack(f">HBB{dimensions}I", file.read(4 + 4 * dimensions))
            if (zero, kind, rank) != (0, 8, dimensions) or math.prod(shape) > MOST:
                raise ValueError("not the header of such a file")
            content = file.read(math.prod(shape) + 1)  # and no more, whatever was compressed
        if len(content) != math.prod(shape):
            raise ValueError("not as long as its header says")
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise UsageError(f"{path} is damaged ({error}); delete or replace it.") from error
    return np.frombuffer(content, np.uint8).reshape(shape)
