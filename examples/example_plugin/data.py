"""A data set: pictures of stripes, upright or lying, which are made when they are first asked for."""

from collections.abc import Mapping
from typing import Any, Unpack, final

import numpy as np

from gen_models.bounds import Positive
from gen_models.data.items import ArrayItems
from gen_models.data.loading import ImageLoading
from gen_models.data.source import Source, Splits


@final
class Stripes(Source):
    """Grey pictures of stripes of random phase and width, in two classes.

    Args:
        count: Pictures in all, of which a tenth are held out to report on.
        size: Pixels of a side.
        loading: How they are batched.
    """

    def __init__(self, count: Positive = 2000, size: Positive = 8, **loading: Unpack[ImageLoading]) -> None:
        super().__init__(**loading)
        self.count, self.size = count, size

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """All that the pictures depend on: what is made of others is made anew."""
        return {"count": self.count, "size": self.size, "version": 1}

    def load(self) -> Splits:
        """Make the pictures (N, H, W, 1) uint8 and their classes (N,) int64."""
        random = np.random.RandomState(0)
        phase, width = random.uniform(0, 2 * np.pi, (self.count, 1)), random.uniform(1, 2, (self.count, 1))
        waves = np.sin(phase + np.arange(self.size) * width)
        y = np.arange(self.count) % 2
        x = np.where(y[:, None, None], waves[:, :, None], waves[:, None, :]) + np.zeros((self.size, self.size))
        pixels = np.uint8(127.5 + 127.5 * x)[..., None]
        learnt = self.count * 9 // 10
        train, test = (ArrayItems(pixels, y, rows) for rows in (range(learnt), range(learnt, self.count)))
        return Splits(train, test, ("upright", "lying"))
