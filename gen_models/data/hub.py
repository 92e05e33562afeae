"""Image sets of the Hugging Face hub, by the optional `datasets` package.

https://huggingface.co/docs/datasets
"""

import importlib
from collections.abc import Generator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Unpack, final

import numpy as np
from PIL import Image

from gen_models.beside import Unless
from gen_models.bounds import Fraction, Positive
from gen_models.data.held_out import check_fractions, picked_out, where_set
from gen_models.data.images import Fit
from gen_models.data.items import ArrayItems
from gen_models.data.loading import ImageLoading
from gen_models.data.reader import Reader, White
from gen_models.data.source import Source, Splits, digest
from gen_models.data.store import StoreWriter, cached_store
from gen_models.errors import UsageError


@final
class Hub(Source):
    """A data set of the hub, downloaded once, made square and kept in a store; later runs need no network.

    Args:
        name: Of the data set, e.g. "uoft-cs/cifar10".
        split: The training split.
        test_split: The split to report on.
        validation_split: The split to choose by; null where the set has none.
        validation_fraction: Share of the training split that is held out to choose by, where there is no other.
        image: The column of images.
        label: The column of classes, or null.
        size: Height and width of the squares.
        fit: "crop" to the central square, or "pad" with white.
        grey: One channel instead of three.
        white: The value of white in images of more than 8 bits: see `Reader`.
        cache: Directory of the stores.
        loading: See `ImageLoading`.

    Raises:
        UsageError: When loading, if the package, the set, a split or a column is missing.
    """

    def __init__(
        self,
        name: str,
        split: str = "train",
        test_split: str = "test",
        image: str = "image",
        label: str | None = "label",
        size: Positive = 32,
        fit: Fit = "crop",
        grey: bool = False,
        white: White = "auto",
        validation_split: str | None = None,
        validation_fraction: Annotated[Fraction, Unless("validation_split")] = 0.0,
        cache: str = ".cache",
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        self.reader = Reader(size, fit, grey, white)
        check_fractions(0, validation_fraction)
        self.name, self.split, self.test_split = name, split, test_split
        self.validation_split, self.validation_fraction = validation_split, validation_fraction
        self.image, self.label = image, label
        self.cache = Path(cache).expanduser()

    @property
    def contents(self) -> Mapping[str, Any]:
        """What the stored images depend on: the set, its columns, and the preparation."""
        place = {"name": self.name, "split": self.split, "test_split": self.test_split}
        columns = {"image": self.image, "label": self.label}
        return {**place, **where_set(validation_split=self.validation_split), **columns, **self.reader.ingredients}

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """The contents and how they are split."""
        return {**self.contents, **where_set(validation_fraction=self._share)}

    @property
    def _share(self) -> float:
        """What is held out of the training split."""
        return 0.0 if self.validation_split else self.validation_fraction

    def load(self) -> Splits:
        """Open the store: the training split, then that to report on, then that to choose by, if there is one."""
        store = cached_store(self.cache / f"hub-{self.name.replace('/', '-')}-{digest(self.contents)}", self._write)
        train, test, validation = ArrayItems(store.images, store.labels).split(
            store.meta["train"], store.meta.get("test", len(store.labels))
        )
        if self._share:
            train, validation = picked_out(train, self._share, f"images in split {self.split} of {self.name}")
        return Splits(train, test, tuple(store.meta["classes"]), validation)

    def _write(self, folder: Path) -> dict[str, Any]:
        datasets = _package()
        parts = [self._rows(datasets, split) for split in (self.split, self.test_split, self.validation_split) if split]
        values, names = self._classes(datasets, parts)
        with StoreWriter(folder, self.reader.shape, sum(map(len, parts))) as writer:
            for rows in parts:
                labels = rows[self.label] if self.label else [0] * len(rows)
                with closing(self._images(rows)) as images:
                    for image, label in zip(images, labels, strict=True):
                        writer.add(image, values.index(label) if self.label else 0)
        return {"train": len(parts[0]), "test": len(parts[1]), "classes": names}

    def _rows(self, datasets: ModuleType, split: str) -> Any:
        try:
            rows = datasets.load_dataset(self.name, split=split)
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            raise UsageError(f"Cannot load split {split} of {self.name} from the hub: {reason}") from error
        for column in filter(None, (self.image, self.label)):
            if column not in rows.column_names:
                raise UsageError(f"{self.name} has no column {column}; it has {', '.join(rows.column_names)}.")
        return rows

    def _classes(self, datasets: ModuleType, parts: list[Any]) -> tuple[list, list[str]]:
        """The values of the label column in the order of the classes, and the names of the classes."""
        if self.label is None:
            return [], []
        feature, present = parts[0].features[self.label], set().union(*(rows[self.label] for rows in parts))
        named = isinstance(feature, datasets.ClassLabel)
        values = list(range(len(feature.names))) if named else sorted(present)
        if unknown := present.difference(values):  # -1 stands for labels that are kept secret
            raise UsageError(f"{self.name} has rows of no class (label {unknown.pop()}): set data.label=null.")
        return values, feature.names if named else [str(value) for value in values]

    def _images(self, rows: Any) -> Generator[np.ndarray, None, None]:
        with closing(self.reader.squares(range(len(rows)), partial(self._image, rows), f"reading {self.name}")) as all_:
            for index, square in enumerate(all_):
                if isinstance(square, str):
                    raise UsageError(f"Image {index} of {self.name} cannot be read: {square}.")
                yield square

    def _image(self, rows: Any, index: int) -> Image.Image:
        image = rows[index][self.image]
        if not isinstance(image, Image.Image):
            raise UsageError(f"Column {self.image} of {self.name} holds no images: set data.image=…")
        return image


def _package() -> ModuleType:
    try:
        return importlib.import_module("datasets")
    except ImportError as error:
        raise UsageError("Data of the hub need one more package: pip install datasets") from error
