"""Batch of labelled samples with their positions in the training set."""

from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor


class Batch(NamedTuple):
    """Batch of a turn: this rank's share of it.

    Attributes:
        x: (B, *shape): uint8 on its way to the device, then float32 in [-1, 1].
        y: (B,) int64 class; zeros where the data has none.
        index: (B,) int64 position in the training set (latents per sample need it).
        noise: (B, …) what a player drew for each item before the batch was cut (`Player.before`); None where nothing.
    """

    x: Tensor
    y: Tensor
    index: Tensor  # type: ignore[assignment]  # not the method that tuples have
    noise: Tensor | None = None

    def parts(self, count: int) -> "Iterator[Batch]":
        """Cut the batch into `count` parts, one after the other."""
        if count == 1:
            yield self
            return
        x, y, index = (field.chunk(count) for field in (self.x, self.y, self.index))
        noise = [None] * len(x) if self.noise is None else self.noise.chunk(count)
        yield from (Batch(*part) for part in zip(x, y, index, noise, strict=True))
