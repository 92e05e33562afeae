"""Data that a Python program holds: arrays, tensors, or a torch Dataset."""

from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset, IterableDataset

from gen_models.data.arrays import Arrays, Channels
from gen_models.data.colour import opaque
from gen_models.data.depth import deep
from gen_models.errors import UsageError

FORMS = "give images, (images, labels), or a torch Dataset of either"


def held(data: Any, channels: Channels = "auto") -> Arrays:
    """Bring what a caller holds into one layout; `Arrays` says which shapes, types and ranges are read.

    Args:
        data: Images or points as an array or a tensor; a pair of them and their classes; or a torch Dataset of single
            items or of (item, class), which is gone through once and kept in memory.
        channels: Where those of an image stand, as `data.channels` says.

    Raises:
        UsageError: It is something else, or can't serve.
    """
    if isinstance(data, Dataset):
        return _gathered(data, channels)
    if isinstance(data, np.ndarray | torch.Tensor):
        return Arrays(_array(data), channels=channels)
    if isinstance(data, tuple | list) and len(data) == 2:
        return Arrays(_array(data[0]), None if data[1] is None else _array(data[1]), channels)
    hint = ", of a list by np.stack" if isinstance(data, list) else ""
    raise UsageError(f"data can't be {type(data).__name__}: {FORMS}{hint}.")


def _gathered(dataset: Dataset, channels: Channels) -> Arrays:
    if isinstance(dataset, IterableDataset) or not isinstance(dataset, Sized):
        raise UsageError("a Dataset that is a stream can't be shuffled: give one with a length and positions.")
    count = len(dataset)
    items = [dataset[position] for position in range(count)]
    if not items:
        raise UsageError("this Dataset is empty.")
    if not isinstance(items[0], tuple | list):
        return Arrays(_stacked(items), channels=channels)
    return Arrays(_stacked([item[0] for item in items]), np.array([_array(item[1]) for item in items]), channels)


def _stacked(items: Sequence[Any]) -> np.ndarray:
    arrays = [_array(item) for item in items]
    if len(shapes := {array.shape for array in arrays}) > 1:
        raise UsageError(f"the items of this Dataset differ in shape ({sorted(shapes)[:2]}, …): resize or crop them.")
    return np.stack(arrays)


def _array(values: Any) -> np.ndarray:
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        return (values.float() if values.is_floating_point() else values).numpy()  # numpy has no bfloat16
    if isinstance(values, Image.Image):
        return _picture(values)
    if isinstance(values, np.ndarray | Sequence | int | np.generic):
        return np.asarray(values)
    raise UsageError(f"data can't hold {type(values).__name__}: {FORMS}.")


def _picture(image: Image.Image) -> np.ndarray:
    """Give the pixels of a picture of 8 bits, what is transparent as white."""
    if deep(image):
        raise UsageError("pictures of this Dataset have more than 8 bits, and white unsaid: give arrays in [0, 1].")
    if image.has_transparency_data:
        image = opaque(image.convert("RGBA"))
    return np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))
