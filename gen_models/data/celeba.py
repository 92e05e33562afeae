"""CelebA: 202,599 faces with 40 attributes each, as it is shipped.

Liu et al. 2015: https://arxiv.org/abs/1411.7766
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Unpack, cast, final

import numpy as np

from gen_models.beside import Unless
from gen_models.bounds import Fraction, Positive, Share
from gen_models.data.folder import Folder
from gen_models.data.images import Fit
from gen_models.data.interface import Factors, Split
from gen_models.data.items import ArrayItems, Stored
from gen_models.data.label_files import attributes, column, found
from gen_models.data.loading import ImageLoading
from gen_models.data.reader import White
from gen_models.data.source import Source, Splits
from gen_models.data.sums import short_id
from gen_models.errors import UsageError, nearest

TABLES = ("list_attr_celeba.txt", "list_attr_celeba.csv")
PARTITIONS = ("list_eval_partition.txt", "list_eval_partition.csv")
OFFICIAL: tuple[Split, ...] = ("train", "validation", "test")
"""What the numbers of a partition mean."""


@final
class CelebA(Source):
    """CelebA, whose label files lie beside its folder of images, or in `Anno` and `Eval` there, as they are shipped.

    With list_attr_celeba.txt its attributes are known: factors of variation, and classes where some are named.

    Args:
        root: The folder of images, such as `img_align_celeba`.
        size: Height and width of the squares.
        fit: "crop" to the central square, "pad" with white, or "celeba" for the face alone.
        grey: One channel instead of three.
        white: The value of white in images of more than 8 bits.
        label: An attribute that makes two classes, such as Smiling, or several of them, which make classes together.
        partition: Take the official training, validation and test images by list_eval_partition.txt.
        test_fraction: Share to report on, held out by a shuffle keyed with `seed`, where there is no `partition`.
        validation_fraction: The same to choose by.
        seed: Of the shuffle.
        max_bad: Share of the files that may be unreadable.
        cache: Directory of the stores.
        loading: See `ImageLoading`.

    Raises:
        UsageError: At once for a wrong setting; when loading, for files that can't serve.
    """

    def __init__(
        self,
        root: str,
        size: Positive = 64,
        fit: Fit = "crop",
        grey: bool = False,
        white: White = "auto",
        label: str | Sequence[str] | None = None,
        partition: bool = False,
        test_fraction: Annotated[Fraction, Unless("partition")] = 0.1,
        validation_fraction: Annotated[Fraction, Unless("partition")] = 0.0,
        seed: int = 0,
        max_bad: Share = 0.01,
        cache: str = ".cache",
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        shares: dict[str, Any] = {"test_fraction": test_fraction, "validation_fraction": validation_fraction}
        self.folder = Folder(root, size, fit, grey, white, False, **shares, seed=seed, max_bad=max_bad, cache=cache)
        self.label = [label] if isinstance(label, str) else list(label or ())
        self.partition = partition

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """The images, and how they are split; whatever is the class, they are the same."""
        return {**self.folder.ingredients, "partition": self.partition and self._parts}

    @property
    def class_ingredients(self) -> Mapping[str, Any]:
        """What the table of attributes says of the images, where it is asked."""
        return {"classes": short_id(self._y.tobytes())} if self.label else {}

    @property
    def former(self) -> Mapping[str, Any]:
        """The same by the files' sizes and times, and without what the partition says."""
        return {**self.folder.former, "partition": self.partition}

    @property
    def unread(self) -> Mapping[str, str]:
        """What is without effect on the folder's images."""
        return self.folder.unread

    @property
    def _parts(self) -> Mapping[str, str]:
        """What the partition says, by a short id of each split's rows."""
        return {split: short_id(rows.tobytes()) for split, rows in self._rows.items()}

    def load(self) -> Splits:
        """Open the store, and take the chosen attributes as the class."""
        images, y = self.folder.store.images, self._y
        train, validation, test = (ArrayItems(images, y, self._rows[split]) for split in OFFICIAL)
        return Splits(train, test, self._classes, validation)

    def files(self) -> list[Path]:
        """All image files, readable or not."""
        return self.folder.files()

    def left_out(self) -> Mapping[str, int]:
        """What lies in the folder and is no image file, by kind."""
        return self.folder.left_out()

    def factors(self, split: Split) -> Factors:
        """Give, for each attribute, the (N,) int64 code of each item, and the codes' names; {} without their table."""
        if self._table is None:
            return {}
        rows = self._rows[split][: self.limit if split == "train" else None]
        return {name: (self._codes(name)[rows], ("no", "yes")) for name in self._table[0]}

    @cached_property
    def _y(self) -> np.ndarray:
        """The class of each stored image, (N,) int64 in the order of the store: its attributes as binary digits."""
        y = np.zeros(len(self.folder.stored), np.int64)
        for name in self.label:
            y = 2 * y + self._codes(name)
        return y

    @property
    def _classes(self) -> tuple[str, ...]:
        ways = product(*((f"no {name}", name) for name in self.label))
        return tuple(", ".join(way) for way in ways) if self.label else ()

    @cached_property
    def _rows(self) -> Mapping[Split, np.ndarray]:
        """Positions in the store of each split."""
        names = [Path(path).stem for path in self.folder.stored]
        if not self.partition:
            train, test, _, validation, _ = self.folder.splits
            held: dict[Split, Stored] = {"train": train, "validation": validation or train.head(0), "test": test}
            return {split: np.asarray(cast(ArrayItems, items).rows) for split, items in held.items()}
        parts = column(self._beside(PARTITIONS, "data.partition=false"))
        part = np.array([parts.get(name, "") for name in names])
        return {split: np.flatnonzero(part == str(number)) for number, split in enumerate(OFFICIAL)}

    @cached_property
    def _table(self) -> tuple[list[str], Mapping[str, list[str]]] | None:
        path = found(TABLES, self._places)
        return None if path is None else attributes(path)

    def _codes(self, name: str) -> np.ndarray:
        """Whether each stored image has an attribute, (N,) int64 in the order of the store."""
        names, table = self._table or attributes(self._beside(TABLES, "data.label=null"))
        if name not in names:
            raise UsageError(f"CelebA has no attribute '{name}': {nearest(name, names)}")
        files = [Path(path).stem for path in self.folder.stored]
        if unknown := [file for file in files if file not in table]:
            raise UsageError(f"{TABLES[0]} says nothing of {unknown[0]}: replace it, or set data.label=null.")
        position = names.index(name)
        return np.array([table[file][position] == "1" for file in files], np.int64)

    @property
    def _places(self) -> list[Path]:
        root = self.folder.root
        return [parent / name for parent in (root, root.parent, root.parent.parent) for name in ("", "Anno", "Eval")]

    def _beside(self, names: Sequence[str], otherwise: str) -> Path:
        path = found(names, self._places)
        if path is None:
            raise UsageError(f"there is no {names[0]} beside {self.folder.root}: put it there, or set {otherwise}.")
        return path
