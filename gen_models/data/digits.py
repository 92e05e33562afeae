"""Optical digits of the UCI repository, 8×8, as they ship with scikit-learn: the smallest real set of images.

https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Unpack, final

import numpy as np
from sklearn.datasets import load_digits

from gen_models.bounds import Natural
from gen_models.data.binary import Binary, binarised
from gen_models.data.held_out import carved, where_set
from gen_models.data.items import ArrayItems
from gen_models.data.loading import ImageLoading
from gen_models.data.source import Source, Splits

TEST = 300


@final
class Digits(Source):
    """Handwritten digits, grey, (1, 8, 8), ten classes: 300 to report on, 1,497 to train on and to choose by.

    Args:
        binary: Draw each pixel black or white by its grey value: once, or "anew" in every turn (held-out ones once).
        validation_count: Training items that are held out to choose by.
        loading: See `ImageLoading`.
    """

    def __init__(
        self,
        binary: Binary = False,
        validation_count: Natural = 0,
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        self.binary, self.validation_count = binary, validation_count

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """There is little to choose."""
        return where_set(binary=self.binary, validation_count=self.validation_count)

    @property
    def levels(self) -> int:
        """They come with 17 levels of grey."""
        return 2 if self.binary else 17

    def load(self) -> Splits:
        """Scale 0..16 to 0..255 and shuffle in a fixed order: neighbours come from the same writer."""
        x, y = _read()
        order = np.random.RandomState(0).permutation(len(y))  # RandomState, whose stream numpy has frozen
        images = np.rint(x * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)[order]
        grey = ArrayItems(images, y.astype(np.int64)[order])
        items = binarised(grey, seed=0) if self.binary else grey
        rest, test = items.split(len(items) - TEST)
        train, validation = carved(rest, self.validation_count)
        again = grey.head(len(train)) if self.binary == "anew" else None
        return Splits(train, test, tuple("0123456789"), validation, again)


@cache  # read once a process: 50 ms
def _read() -> tuple[np.ndarray, np.ndarray]:
    """Read the grey values (N, 64) from 0 to 16, and the classes (N,)."""
    return load_digits(return_X_y=True)
