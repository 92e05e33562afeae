"""What the stream and the metrics ask of a data set: whole batches by position."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from gen_models.data.items import Stored
from gen_models.media.pixels import to_unit_range

Split = Literal["train", "validation", "test"]
"""What one learns from, what one chooses by (checkpoints, settings), and what one reports on."""

Factors = Mapping[str, tuple[np.ndarray, Sequence[str]]]
"""By name of the factor: the (N,) int64 code of each item, and the codes' names."""


class Items(Protocol):
    """Labelled items, gathered a batch at a time."""

    def __len__(self) -> int:
        """Give their number."""

    def gather(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Give x (B, C, H, W) uint8 with channels_last strides, or (B, D) float32 in [-1, 1]; y (B,) int64."""


@runtime_checkable
class Attributed(Protocol):
    """A data set that knows the factors of variation of its items, which are more than one class."""

    def factors(self, split: Split) -> Factors:
        """Give, for each factor that varies, the (N,) int64 code of each item, and the codes' names."""


@runtime_checkable
class HasFiles(Protocol):
    """A data set that is made of image files."""

    def files(self) -> Sequence[Path]:
        """Give all of them, readable or not."""


@runtime_checkable
class LeavesOut(Protocol):
    """A data set that lies in a folder, of which it reads files of some endings."""

    def left_out(self) -> Mapping[str, int]:
        """Give how many there are of all else that is not hidden, by kind."""


def batches(items: Items, order: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Give the items at the positions `order` (N,), in [-1, 1], with their labels, in batches of `size`."""
    for indices in order.split(size):
        x, y = items.gather(indices.tolist())
        yield to_unit_range(x), y


@dataclass(frozen=True)
class Held:
    """Items in memory, such as samples: x (N, *shape), y (N,)."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def gather(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Gather a batch."""
        index = torch.as_tensor(indices)
        return self.x[index], self.y[index]


def picked(items: Items, n: int, seed: int) -> Tensor:
    """Positions (n,) of items picked by `seed`, for stored sets are ordered by class, source or quality."""
    return torch.randperm(len(items), generator=torch.Generator().manual_seed(seed))[:n]


def some(items: Items, n: int | None = None) -> Tensor:
    """Positions of `n` items, picked alike every time; of all in their order, where there are no more or none is said.

    All that is known of the same `n` items of a set (pictures, codes, classes, factors) stands in this order.
    """
    return torch.arange(len(items)) if n is None or n >= len(items) else picked(items, n, seed=0)


def partly(items: Items, n: int) -> dict[str, str]:
    """What a protocol says of figures of `some` items: nothing where these are all.

    Records of earlier versions say nothing of fewer than all either, and are of the first ones.
    """
    return {"items": "picked"} if n < len(items) else {}


def classes_of(items: Items, n: int | None = None) -> Tensor:
    """Give the classes (N,) of `some` items."""
    if isinstance(items, Stored):
        return torch.from_numpy(items.classes[some(items, n).numpy()])
    return torch.cat([y for _, y in batches(items, some(items, n), 1000)])


def gathered(items: Items, positions: Tensor) -> tuple[Tensor, Tensor]:
    """The items at `positions` (N,) in [-1, 1], and their classes."""
    x, y = items.gather(positions.tolist())
    return to_unit_range(x).contiguous(), y


def mean_item(items: Items) -> Tensor:
    """The mean (*shape) of all items, in [-1, 1]: of binary pixels, their marginals."""
    total = sum(x.double().sum(0) for x, _ in batches(items, some(items), 1000))
    return torch.as_tensor(total / len(items))


def root_mean_square(items: Items, n: int = 10_000) -> float:
    """Root mean square over all dimensions of `some` items in [-1, 1]: σ_data of EDM."""
    squares = [x.double().square().flatten(1).mean(1) for x, _ in batches(items, some(items, n), 1000)]
    return float(torch.cat(squares).mean().sqrt())
