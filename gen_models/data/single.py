"""Single pictures that somebody brings to a trained model, as the items that it was trained on."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gen_models.data.errors import BadImage
from gen_models.data.interface import Held
from gen_models.data.reader import Reader
from gen_models.errors import UsageError
from gen_models.media.pixels import to_unit_range


def as_item(source: Path | bytes, shape: tuple[int, ...], data: Mapping[str, Any] | None = None) -> Tensor:
    """Read a picture as an item (1, C, H, W) in [-1, 1] of square data of this shape; bounded, as all that is read.

    Args:
        source: A file, or what it holds.
        shape: (C, H, W) of the data, with one channel or three.
        data: The configuration of the data, which may say how pictures become squares (`fit`) and what is `white`;
            None where it is not known.

    Raises:
        UsageError: The data are no squares.
        BadImage: It can't be read.
    """
    if len(shape) != 3 or shape[1] != shape[2]:
        raise UsageError("this run's data are no square pictures: it can't be shown one.")
    told = data or {}
    reader = Reader(shape[1], told.get("fit", "crop"), shape[0] == 1, told.get("white", "auto"))
    (square,) = reader.squares([source], lambda one: BytesIO(one) if isinstance(one, bytes) else one, "reading")
    if isinstance(square, str):
        name = "the picture" if isinstance(source, bytes) else str(source)
        raise BadImage(f"{name} cannot be read: {square}.")
    return to_unit_range(torch.from_numpy(square.copy()).permute(2, 0, 1)[None]).contiguous()


def brought(
    pictures: Sequence[Path | bytes], shape: tuple[int, ...], data: Mapping[str, Any] | None, y: Tensor | int = 0
) -> Held:
    """Read pictures (N) as items, see `as_item`, of one class or of each its own, (N,)."""
    x = torch.cat([as_item(picture, shape, data) for picture in pictures])
    return Held(x, torch.full((len(x),), y) if isinstance(y, int) else y)


def as_mask(source: Path | bytes, shape: tuple[int, ...]) -> Tensor:
    """Read a picture as a mask (1, H, W) of items of this shape (C, H, W): true where it is dark, and an item is kept.

    Raises:
        UsageError: The data are no squares.
        BadImage: It can't be read.
    """
    return as_item(source, (1, *shape[1:]))[0] < 0
