"""Stacked pictures: several grey pictures of one set, drawn at random, are the channels of one.

Metz et al. (2017), Unrolled GAN, section 3.3.1, https://arxiv.org/abs/1611.02163: three digits make 1,000 modes.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Unpack, final

import numpy as np
import torch
from torch import Tensor

from gen_models.bounds import Natural, Positive
from gen_models.data.interface import Split
from gen_models.data.items import Stored
from gen_models.data.loading import ImageLoading
from gen_models.data.source import Source, Splits
from gen_models.errors import UsageError

STREAMS: Sequence[Split] = ("train", "test", "validation")
"""Splits, by the stream that they are drawn from."""


class StackedItems(Stored):
    """Stacked items: rows of single grey pictures, put together when they are gathered.

    Args:
        single: The grey pictures, with their classes.
        rows: (N, C) positions of those that make an item; its class counts them as digits of base `classes`.
        classes: Classes of a single picture.
    """

    def __init__(self, single: Stored, rows: np.ndarray, classes: int) -> None:
        self.single, self.rows, self.base = single, rows, classes

    def __len__(self) -> int:
        return len(self.rows)

    def gather(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Gather x (B, C, H, W) uint8, and y (B,) int64 from 0 to classes^C - 1."""
        rows = self.rows[np.asarray(indices, dtype=np.int64)]
        x, y = self.single.gather(rows.reshape(-1).tolist())
        x = x.reshape(*rows.shape, *x.shape[2:]).contiguous(memory_format=torch.channels_last)
        return x, self._joint(y.view(rows.shape))

    @property
    def classes(self) -> np.ndarray:
        """(N,) int64 class of each item."""
        return self._joint(torch.from_numpy(self.single.classes[self.rows])).numpy()

    def head(self, count: int | None) -> "StackedItems":
        """Give the first `count` items, or all of them."""
        return StackedItems(self.single, self.rows[:count], self.base)

    def _joint(self, y: Tensor) -> Tensor:
        return (y * self.base ** torch.arange(y.shape[1] - 1, -1, -1)).sum(1)


@final
class Stacked(Source):
    """Stacked grey pictures, (channels, H, W): as many classes as there are combinations of a single one's.

    Args:
        single: The set of grey pictures, each split of which is stacked by itself.
        count: Training items.
        test_count: Items to report on.
        validation_count: Items to choose by, where the set has such pictures.
        channels: Pictures in one.
        seed: Of what is put together.
        loading: See `ImageLoading`.
    """

    def __init__(
        self,
        single: Source,
        count: Positive = 128_000,
        test_count: Positive = 26_000,
        validation_count: Natural = 26_000,
        channels: Positive = 3,
        seed: int = 0,
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        self.single, self.channels, self.seed = single, channels, seed
        self.counts: dict[str, int] = {"train": count, "test": test_count, "validation": validation_count}

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """Give what is stacked, and how."""
        return {**self._stacking, "single": self.single.items_identity}

    @property
    def former(self) -> Mapping[str, Any] | None:
        """The same of pictures that earlier versions knew otherwise."""
        single = self.single.former_items_identity
        return None if single is None else {**self._stacking, "single": single}

    @property
    def class_ingredients(self) -> Mapping[str, Any]:
        """Those of a single picture."""
        return self.single.class_ingredients

    @property
    def _stacking(self) -> Mapping[str, Any]:
        return {"channels": self.channels, "seed": self.seed, **self.counts}

    @property
    def levels(self) -> int | None:
        """Those of a single picture."""
        return self.single.levels

    def load(self) -> Splits:
        """Draw the pictures of each item, with replacement, by a stream of its own for each split.

        Raises:
            UsageError: The set has no classes, or its items are no grey pictures.
        """
        names = self.single.class_names
        if not names or self.single.shape[0] != 1 or len(self.single.shape) != 3:
            raise UsageError("data.single must be grey pictures with classes, such as those of data=mnist.")
        if self.single.redrawn:
            raise UsageError("data.single.binary=anew would be ignored: what is stacked is drawn once, by true.")
        train, test, validation = (self._drawn(split, i) for i, split in enumerate(STREAMS))
        joint = tuple(" ".join(together) for together in product(names, repeat=self.channels))
        return Splits(train, test, joint, validation)

    def _drawn(self, split: Split, stream: int) -> StackedItems:
        single = self.single.part(split)
        assert isinstance(single, Stored)
        count = self.counts[split] if len(single) else 0
        rows = np.random.RandomState([self.seed, stream]).randint(len(single) or 1, size=(count, self.channels))
        return StackedItems(single, rows, len(self.single.class_names))
