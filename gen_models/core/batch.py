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
    """

    x: Tensor
    y: Tensor
    index: Tensor  # type: ignore[assignment]  # not the method that tuples have

    def parts(self, count: int) -> "Iterator[Batch]":
        """Cut the batch into `count` parts, one after the other."""
        if count == 1:
            yield self
        else:
            yield from (Batch(*part) for part in zip(*(field.chunk(count) for field in self), strict=True))
