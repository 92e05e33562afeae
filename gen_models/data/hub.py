"""Image sets of the Hugging Face hub, by the optional `datasets` package.

https://huggingface.co/docs/datasets
"""

import importlib
import io
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Unpack, final

from gen_models.beside import Unless
from gen_models.bounds import Fraction, Positive
from gen_models.data.held_out import check_fractions, picked_out, shuffled, where_set
from gen_models.data.images import Fit, Opening
from gen_models.data.items import ArrayItems
from gen_models.data.loading import ImageLoading
from gen_models.data.reader import Reader, White
from gen_models.data.source import Source, Splits, digest
from gen_models.data.store import ImageStore, StoreWriter, cached_store
from gen_models.data.sums import content, sum_of
from gen_models.errors import UsageError


@final
class Hub(Source):
    """A data set of the hub, downloaded once, made square and kept in a store; later runs need no network.

    With `limit` the items are shuffled first, for sets of the hub are often sorted by class.

    Args:
        name: Of the data set, e.g. "uoft-cs/cifar10", or a folder of its files.
        config: Which of its configurations, where it has several.
        revision: A commit, tag or branch of its repository; null takes the newest, and keeps it.
        split: The training split.
        test_split: The split to report on; null where the set has none.
        test_fraction: Share of the training split that is held out to report on, where there is no other.
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
        config: str | None = None,
        revision: str | None = None,
        split: str = "train",
        test_split: str | None = "test",
        image: str = "image",
        label: str | None = "label",
        size: Positive = 32,
        fit: Fit = "crop",
        grey: bool = False,
        white: White = "auto",
        validation_split: str | None = None,
        validation_fraction: Annotated[Fraction, Unless("validation_split")] = 0.0,
        test_fraction: Annotated[Fraction, Unless("test_split")] = 0.1,
        cache: str = ".cache",
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        self.reader = Reader(size, fit, grey, white)
        self.name, self.config, self.revision = name, config, revision
        self.split, self.test_split = split, test_split
        self.validation_split = validation_split
        self.fractions = {"validation": 0.0 if validation_split else validation_fraction}
        self.fractions["test"] = 0.0 if test_split else test_fraction
        check_fractions(self.fractions["test"], self.fractions["validation"])
        self.image, self.label = image, label
        self.cache = Path(cache).expanduser()

    @property
    def contents(self) -> Mapping[str, Any]:
        """What the stored images depend on as far as one knows before: the set, its columns, and the preparation."""
        place = {"name": self.name, "split": self.split, "test_split": self.test_split}
        further = where_set(validation_split=self.validation_split, config=self.config, revision=self.revision)
        return {**place, **further, "image": self.image, "label": self.label, **self.reader.ingredients}

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """The contents, what the set held when it was downloaded, and how it is split; older stores don't know that."""
        held = where_set(content=self._store.meta.get("content"), shuffled=self.limit is not None)
        return {**self.contents, **held, **self._held}

    @property
    def former(self) -> Mapping[str, Any] | None:
        """The same without what the set held; where it is limited, the items were others."""
        return {**self.contents, **self._held} if self.limit is None else None

    @property
    def _held(self) -> Mapping[str, Any]:
        return where_set(**{f"{split}_fraction": fraction for split, fraction in self.fractions.items()})

    @property
    def unread(self) -> Mapping[str, str]:
        """The white of images of 8 bits."""
        return self.reader.unread(lambda: self._store.meta, self.name)

    def load(self) -> Splits:
        """Open the store: the training split, then that to report on, then that to choose by, if there is one."""
        store = self._store
        train, test, validation = ArrayItems(store.images, store.labels).split(
            store.meta["train"], store.meta.get("test", len(store.labels))
        )
        what = f"images in split {self.split} of {self.name}"
        if self.fractions["test"]:
            train, test = picked_out(train, self.fractions["test"], what)
        if self.fractions["validation"]:
            train, validation = picked_out(train, self.fractions["validation"], what)
        if self.limit is not None:
            train = shuffled(train)
        return Splits(train, test, tuple(store.meta["classes"]), validation)

    @cached_property
    def _store(self) -> ImageStore:
        return cached_store(self.cache / f"hub-{self.name.replace('/', '-')}-{digest(self.contents)}", self._write)

    def _write(self, folder: Path) -> dict[str, Any]:
        datasets = _package()
        splits = {"train": self.split, "test": self.test_split, "validation": self.validation_split}
        found = {part: self._rows(datasets, split) for part, split in splits.items() if split}
        parts = list(found.values())
        values, names = self._classes(datasets, parts)
        labels = [values.index(label) for rows in parts for label in rows[self.label]] if self.label else None
        files = _Files([self._undecoded(datasets, rows) for rows in parts], self.image)
        squares = self.reader.squares(files.numbers, files.find, f"reading {self.name}")  # of all splits: one white
        with StoreWriter(folder, self.reader.shape, len(files.numbers)) as writer, closing(squares) as images:
            for number, image in zip(files.numbers, images, strict=True):
                if isinstance(image, str):
                    raise UsageError(f"Image {files.places[number][1]} of {self.name} cannot be read: {image}.")
                writer.add(image, labels[number] if labels else 0)
        told = {"images": content(files.sums), "labels": labels}
        counts = {"train": len(parts[0]), "test": len(found.get("test", ()))}
        noted = self.reader.noted(files.numbers, files.find)
        return {**counts, "classes": names, "content": digest(told), **noted}

    def _rows(self, datasets: ModuleType, split: str) -> Any:
        try:
            rows = datasets.load_dataset(self.name, self.config, split=split, revision=self.revision)
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            without = ": data.test_split=null, where it has none" if split == self.test_split else ""
            raise UsageError(f"Cannot load split {split} of {self.name} from the hub: {reason}{without}") from error
        for column in filter(None, (self.image, self.label)):
            if column not in rows.column_names:
                raise UsageError(f"{self.name} has no column {column}; it has {', '.join(rows.column_names)}.")
        if not isinstance(rows.features[self.image], datasets.Image):
            raise UsageError(f"Column {self.image} of {self.name} holds no images: set data.image=…")
        return rows

    def _undecoded(self, datasets: ModuleType, rows: Any) -> Any:
        """The rows with their image alone, and as a file, whose header is looked at before it is decoded."""
        return rows.select_columns([self.image]).cast_column(self.image, datasets.Image(decode=False))

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


class _Files:
    """The image files of the rows of several splits, by their numbers.

    Args:
        parts: The rows of each split, undecoded.
        column: Of the images.

    Attributes:
        places: The rows and the position in them of each.
        sums: Of those that were found.
    """

    def __init__(self, parts: Sequence[Any], column: str) -> None:
        self.places = [(rows, index) for rows in parts for index in range(len(rows))]
        self.numbers, self.column = range(len(self.places)), column
        self.sums: dict[str, bytes] = {}

    def find(self, number: int) -> Opening:
        """Open a file; where a row holds none, one that is empty."""
        rows, index = self.places[number]
        found = rows[index][self.column] or {}
        path = Path(found["path"]) if found.get("path") else None
        held = found.get("bytes") or path or b""
        self.sums[f"{number:012}"] = sum_of(held)
        return io.BytesIO(held) if isinstance(held, bytes) else held


def _package() -> ModuleType:
    try:
        return importlib.import_module("datasets")
    except ImportError as error:
        raise UsageError("Data of the hub need one more package: pip install datasets") from error
