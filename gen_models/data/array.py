"""Images or points from arrays: `.npy` and `.npz` files, or what a Python program holds in memory."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack, final
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812 (it is a class)

import numpy as np

from gen_models.bounds import Fraction
from gen_models.data.arrays import Arrays, Channels
from gen_models.data.held_out import check_fractions, held_out, where_set
from gen_models.data.items import ArrayItems
from gen_models.data.loading import ImageLoading
from gen_models.data.source import Source, Splits
from gen_models.errors import UsageError


@final
class Array(Source):
    """Arrays of images (any size, grey or RGB) or of points, with or without classes; `Arrays` says which are read.

    Args:
        x: A `.npy` file, which is mapped into memory if it holds uint8 (N, H, W, C), or a `.npz` with keys x and y.
        y: A file of classes, if `x` does not hold them.
        channels: Where those of an image stand: auto, first or last.
        test_fraction: Share of the items that is held out to report on, by a shuffle keyed with `seed`; 0: none.
        validation_fraction: Share that is held out to choose by; 0: none.
        seed: Of the shuffle.
        content: The `Arrays.content` that the items must have; None takes any.
        arrays: Items in memory, in place of files.
        loading: How they are batched.

    Raises:
        UsageError: At once for a wrong setting; when loading, for arrays that cannot serve.
    """

    def __init__(
        self,
        x: str | None = None,
        y: str | None = None,
        channels: Channels = "auto",
        test_fraction: Fraction = 0.1,
        validation_fraction: Fraction = 0.0,
        seed: int = 0,
        content: str | None = None,
        arrays: Arrays | None = None,
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        check_fractions(test_fraction, validation_fraction)
        self.x, self.y, self.channels = x, y, channels
        self.test_fraction, self.validation_fraction = test_fraction, validation_fraction
        self.seed, self.content = seed, content
        self._given = arrays

    @cached_property
    def arrays(self) -> Arrays:
        """The whole set, read and checked."""
        arrays = self._given or self._read()
        if self.content not in (None, arrays.content):
            raise UsageError("these arrays are not those that the run was trained on: their content differs.")
        return arrays

    @property
    def levels(self) -> int | None:
        """256 for images; points are no pixels."""
        return None if self.arrays.x.ndim == 2 else 256

    @property
    def unread(self) -> Mapping[str, str]:
        """Where the channels of images stand, for points."""
        points = self.arrays.x.ndim == 2 and self.channels != "auto"
        return {"channels": "points have no channels"} if points else {}

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """What the arrays hold, and how they are split."""
        held = where_set(validation_fraction=self.validation_fraction)
        return {"content": self.arrays.content, "test_fraction": self.test_fraction, "seed": self.seed, **held}

    def load(self) -> Splits:
        """Hold out the first items of a keyed shuffle, for stored sets are often sorted by class."""
        arrays = self.arrays
        order = np.random.RandomState(self.seed).permutation(len(arrays.y))  # whose stream numpy has frozen
        counts = held_out(len(order), self.validation_fraction, self.test_fraction, "items in these arrays")
        test, validation, train = ArrayItems(arrays.x, arrays.y, order).split(counts[1], counts[0])
        return Splits(train, test, arrays.names, validation)

    def _read(self) -> Arrays:
        if self.x is None and self.content is not None:
            raise UsageError(
                "this run was trained on arrays in memory: ask it from Python, where they can be given again, as in "
                "gen_models.evaluate(run, data=(x, y))."
            )
        if self.x is None:
            raise UsageError("data=array needs a file: data.x=images.npy, and data.y=labels.npy if there are classes.")
        x, y = _file(self.x, "x")
        return Arrays(x, y if self.y is None else _file(self.y, "y")[0], self.channels)


def _file(name: str, key: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Read a `.npy`, or the arrays `key` and, where it is there, y of a `.npz`. Pickled objects are never read."""
    path = Path(name).expanduser().absolute()
    if not path.is_file():
        raise UsageError(f"there is no file {path}: name a .npy or .npz with data.{key}=….")
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found, None
        with found:
            if key not in found:
                raise UsageError(f"{path} has no array '{key}', only {', '.join(found) or 'none'}: save it as {key}=….")
            return found[key], found.get("y")
    except UsageError:
        raise
    except (ValueError, OSError, EOFError, BadZipFile, ZlibError) as error:
        reason = "it holds no array of numbers" if "pickle" in str(error) else str(error)[:100]
        raise UsageError(f"{path} can't be read as numbers in a .npy or .npz: {reason.rstrip('.')}.") from error
