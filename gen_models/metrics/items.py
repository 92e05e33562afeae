"""What metrics ask of a data set: whole batches by position."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor


class Items(Protocol):
    """Labelled items: x is (B, C, H, W) uint8, or (B, *) float32 in the model's scale; y is (B,) int64."""

    def __len__(self) -> int:
        """The number of items."""

    def __getitems__(self, indices: list[int]) -> Sequence[Tensor]:
        """The batch x, y at these positions."""


def scaled(x: Tensor) -> Tensor:
    """Bytes as float32 in [-1, 1]; floats as they are."""
    return x.float() / 127.5 - 1 if x.dtype == torch.uint8 else x


def batches(items: Items, order: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The items at the positions `order` (N,), scaled, with their labels, in batches of `size`."""
    for indices in order.split(size):
        x, y, *_ = items.__getitems__(indices.tolist())
        yield scaled(x), y
