"""Tar shards in WebDataset's convention, for sets that one disk does not hold or that no store is to be made of."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack, final

import numpy as np

from gen_models.bounds import Fraction, Positive
from gen_models.data.held_out import check_fractions, held_out, overruled, where_set
from gen_models.data.images import Fit
from gen_models.data.interface import Split
from gen_models.data.listing import SPLIT_NAMES
from gen_models.data.loading import ImageLoading
from gen_models.data.reader import Reader
from gen_models.data.shard_index import VERSION, ShardIndex
from gen_models.data.shard_items import ShardItems
from gen_models.data.source import Source, Splits, digest
from gen_models.errors import UsageError

WHITE = 255
"""Of images of more than 8 bits: no index says what a whole set has."""


@final
class Shards(Source):
    """Tar files of images, read at random from where they lie, in the harness's own order.

    The format is WebDataset's (https://github.com/webdataset/webdataset), and the reading is not: its shuffle of shards
    and of a buffer depends on the number of processes and on what was read before. Plain tar files have an index.

    Args:
        root: The folder of `*.tar`, or several, each on a disk of its own.
        size: Height and width of the squares.
        fit: "crop" to the central square, or "pad" with white.
        grey: One channel instead of three.
        white: The value of white in images of more than 8 bits.
        test_fraction: Share of the images that is held out to report on, by a shuffle keyed with `seed`; 0: none.
            Shards called `train-…`, `val-…` (or `validation-…`) and `test-…` are the splits.
        validation_fraction: The same to choose by.
        seed: Of the shuffle.
        cache: Directory of the index.
        loading: See `ImageLoading`.

    Raises:
        UsageError: At once for a wrong setting; when loading, for shards that cannot serve.
    """

    def __init__(
        self,
        root: str | Sequence[str],
        size: Positive = 64,
        fit: Fit = "crop",
        grey: bool = False,
        white: float = WHITE,
        test_fraction: Fraction = 0.1,
        validation_fraction: Fraction = 0.0,
        seed: int = 0,
        cache: str = ".cache",
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        self.reader = Reader(size, fit, grey, white)
        check_fractions(test_fraction, validation_fraction)
        roots = [root] if isinstance(root, str) else root
        self.roots = [Path(each).expanduser().absolute() for each in roots]
        self.fractions: Mapping[Split, float] = {"validation": validation_fraction, "test": test_fraction}
        self.seed, self.cache = seed, Path(cache).expanduser()

    @cached_property
    def shards(self) -> list[Path]:
        """All tar files, in the order of their names."""
        found = sorted((path for root in self.roots for path in root.glob("*.tar")), key=lambda path: path.name)
        if not found:
            raise UsageError(f"there are no .tar files in {', '.join(map(str, self.roots))}: set data.root.")
        return found

    def left_out(self) -> Mapping[str, int]:
        """What lies beside the tar files, by kind; what is in them besides images is not counted."""
        beside = (path for root in self.roots for path in root.iterdir() if not path.name.startswith("."))
        return Counter("folders" if path.is_dir() else path.suffix for path in beside if path.suffix != ".tar")

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """The shards' names, what is in them, how images are prepared, and how they are split."""
        names = [path.name for path in self.shards]
        return {"shards": names, "content": self.index.content, **self._settings}

    @property
    def former(self) -> Mapping[str, Any]:
        """The same by the shards' sizes and times."""
        return {**self._stamps, **self._settings}

    @property
    def _settings(self) -> Mapping[str, Any]:
        fractions = {f"{split}_fraction": fraction for split, fraction in self.fractions.items()}
        return {**self.reader.ingredients, "seed": self.seed, **where_set(**fractions)}

    @property
    def _stamps(self) -> Mapping[str, Any]:
        stamps = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in self.shards]
        return {"root": [str(root) for root in self.roots], "shards": stamps}

    @cached_property
    def index(self) -> ShardIndex:
        """Where all images lie."""
        key = digest({**self._stamps, "index": VERSION})
        return ShardIndex.cached(self.cache / f"shards-{key}.npz", self.shards)

    @property
    def unread(self) -> Mapping[str, str]:
        """Shares of splits that shards are named after, and another white of images of 8 bits, all of which say so."""
        brought = overruled(str(self.roots[0]), self.fractions, Counter(map(_split, self.shards)))
        return brought if self.reader.white == WHITE else brought | self.reader.unread(self._noted, str(self.roots[0]))

    def _noted(self) -> Mapping[str, Any]:
        rows = np.arange(len(self.index.y))
        return self.reader.noted(rows.tolist(), ShardItems(self.shards, self.index, rows, self.reader).opened)

    def load(self) -> Splits:
        """Open the index; take the splits that shards are named after, and hold the rest out of the training images."""
        splits = np.array(list(map(_split, self.shards)))[self.index.shard]
        given = {split: np.flatnonzero(splits == split) for split in ("train", "validation", "test")}
        missing = {split: 0.0 if len(given[split]) else fraction for split, fraction in self.fractions.items()}
        what = f"training images in {self.roots[0]}"
        chosen, tested = held_out(len(given["train"]), missing["validation"], missing["test"], what)
        order = np.random.RandomState(self.seed).permutation(given["train"])  # whose stream numpy has frozen
        validation, test, train = np.split(order, [chosen, chosen + tested])
        parts = train, np.append(given["test"], test), np.append(given["validation"], validation)
        learnt, reported, watched = (ShardItems(self.shards, self.index, rows, self.reader) for rows in parts)
        return Splits(learnt, reported, tuple(self.index.names.tolist()), watched)


def _split(shard: Path) -> Split:
    """The split that a word of a shard's name says: that of training where none does."""
    words = re.split(r"[-_.]", shard.stem.lower())
    named = sorted({SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES})
    if len(named) > 1:
        raise UsageError(f"the name of {shard} says {' and '.join(named)}: leave it one split's word.")
    return named[0] if named else "train"
