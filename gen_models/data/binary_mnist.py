"""Binarised MNIST by Larochelle's fixed draw: what most published likelihoods of binary digits are measured on.

Larochelle and Murray 2011: https://proceedings.mlr.press/v15/larochelle11a.html
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack, final

import numpy as np

from gen_models.bounds import Natural
from gen_models.data.held_out import carved, where_set
from gen_models.data.items import ArrayItems
from gen_models.data.label_files import found
from gen_models.data.loading import ImageLoading
from gen_models.data.source import Source, Splits
from gen_models.data.sums import short_id
from gen_models.errors import UsageError

SIDE = 28
ADDRESS = "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist"


@final
class BinaryMNIST(Source):
    """Binary digits (1, 28, 28) without classes: 50,000 and 10,000 to train on, in this order, and 10,000 to report on.

    Args:
        root: Directory with the files binarized_mnist_{train,valid,test}.amat, or with a subdirectory `mnist` of them.
        validation_count: The last so many training items are held out to choose by: 10,000 are the file for that.
        loading: See `ImageLoading`.

    Raises:
        UsageError: When loading, if a file is missing or no table of such digits.
    """

    def __init__(self, root: str = "data", validation_count: Natural = 0, **loading: Unpack[ImageLoading]) -> None:
        super().__init__(**loading)
        self.root, self.validation_count = Path(root).expanduser(), validation_count

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """A hash of the pixels."""
        pixels = b"".join(part.tobytes() for part in self._parts)
        held = where_set(validation_count=self.validation_count)
        return {"content": short_id(pixels), **held}

    @property
    def levels(self) -> int:
        """Black and white."""
        return 2

    def load(self) -> Splits:
        """Read all three files."""
        train, valid, test = self._parts
        kept, validation = carved(_items(np.concatenate([train, valid])), self.validation_count)
        return Splits(kept, _items(test), validation=validation)

    @cached_property
    def _parts(self) -> list[np.ndarray]:
        return [self._read(f"binarized_mnist_{part}.amat") for part in ("train", "valid", "test")]

    def _read(self, name: str) -> np.ndarray:
        path = found([name], [self.root, self.root / "mnist"])
        if path is None:
            raise UsageError(f"there is no {name} in {self.root / 'mnist'}: fetch {ADDRESS}/{name} to it.")
        try:
            pixels = np.loadtxt(path, np.uint8, ndmin=2)
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} is damaged ({str(error)[:80]}); replace it.") from error
        if pixels.shape[1:] != (SIDE * SIDE,) or pixels.max(initial=0) > 1:
            raise UsageError(f"{path} has no rows of {SIDE * SIDE} zeros and ones; replace it.")
        return pixels


def _items(pixels: np.ndarray) -> ArrayItems:
    """Make items of rows (N, 784) of zeros and ones."""
    return ArrayItems(255 * pixels.reshape(-1, SIDE, SIDE, 1), np.zeros(len(pixels), np.int64))
