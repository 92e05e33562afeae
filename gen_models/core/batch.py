"""Batch of labelled samples with their positions in the training set."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.media.pixels import to_unit_range


class Batch(NamedTuple):
    """Batch of a turn: this rank's share of it.

    Attributes:
        x: (B, *shape): uint8 on its way to the device, then float32 in [-1, 1].
        y: (B,) int64 class; zeros where the data has none.
        index: (B,) int64 position in the training set (latents per sample need it).
        noise: (B, …) what a player drew for each item before the batch was cut (`Player.before`); None where nothing.
        mirrored: (B,) bool: which images are to be mirrored left-right once they are on the device; None after that.
    """

    x: Tensor
    y: Tensor
    index: Tensor  # type: ignore[assignment]  # not the method that tuples have
    noise: Tensor | None = None
    mirrored: Tensor | None = None

    def in_unit_range(self) -> "Batch":
        """Make the bytes floats, mirrored where they are to be: on the device, since bytes are less to move to it."""
        x = self.x
        if self.mirrored is not None:
            x = torch.where(self.mirrored.view(-1, *[1] * (x.ndim - 1)), x.flip(-1), x)
        return self._replace(x=to_unit_range(x), mirrored=None)

    def by_channels(self) -> "Batch":
        """Lay out images channel by channel, where data lay them out pixel by pixel."""
        return self._replace(x=self.x.contiguous())

    def parts(self, count: int) -> "Iterator[Batch]":
        """Cut the batch into `count` parts, one after the other."""
        if count == 1:
            yield self
            return
        x, y, index = (field.chunk(count) for field in (self.x, self.y, self.index))
        noise = [None] * len(x) if self.noise is None else self.noise.chunk(count)
        yield from (Batch(*part) for part in zip(x, y, index, noise, strict=True))
