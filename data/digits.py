"""The 8×8 handwritten digits that ship with scikit-learn: the smallest real set of images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
from sklearn.datasets import load_digits

from data.items import ArrayItems
from data.source import Source, Splits

TEST = 300


@final
class Digits(Source):
    """1,497 training and 300 held-out digits, grey, (1, 8, 8), ten classes. Arguments: see `Source`."""

    @property
    def recipe(self) -> Mapping[str, Any]:
        """There is nothing to choose."""
        return {}

    def load(self) -> Splits:
        """Scales 0..16 to 0..255 and shuffles in a fixed order: neighbours come from the same writer."""
        x, y = load_digits(return_X_y=True)
        order = np.random.RandomState(0).permutation(len(y))  # RandomState, whose stream numpy has frozen
        images = np.rint(x * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)[order]
        items = ArrayItems(images, y.astype(np.int64)[order])
        return Splits(*items.split(len(items) - TEST), tuple("0123456789"))
