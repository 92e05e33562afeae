"""Any folder of images, flat or with a subfolder for each class."""

import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Unpack, final

import numpy as np

from gen_models.beside import Within
from gen_models.bounds import Fraction, Positive, Share
from gen_models.data.held_out import check_fractions, held_out, overruled, where_set
from gen_models.data.images import Fit
from gen_models.data.interface import Split
from gen_models.data.items import ArrayItems
from gen_models.data.listing import File, Found, by_hash, class_names, printable, scan, split_by_folder, told
from gen_models.data.loading import ImageLoading
from gen_models.data.reader import Reader, White
from gen_models.data.source import Source, Splits, digest
from gen_models.data.store import VERSION, ImageStore, StoreWriter, cached_store
from gen_models.data.sums import content, sum_of
from gen_models.errors import UsageError

log = logging.getLogger(__name__)


@final
class Folder(Source):
    """A folder of images of any size and kind, made square once and kept in a store that is renewed when it changes.

    Args:
        root: The folder.
        size: Height and width of the squares.
        fit: "crop" to the central square, or "pad" with white.
        grey: One channel instead of three.
        white: The value of white in images of more than 8 bits: see `Reader`.
        classes: "auto" makes classes of two or more subfolders; true insists on them; false ignores them.
        num_classes: Keep the first so many classes by name.
        test_fraction: Share of the images that is held out to report on, by a shuffle keyed with `seed`; 0: none. Where
            the folder has subfolders `train` and `test`, those are the splits.
        validation_fraction: The same to choose by; the subfolder is called `validation` or `val`.
        seed: Of the shuffle.
        max_bad: Share of the files that may be unreadable.
        cache: Directory of the stores.
        loading: See `ImageLoading`.

    Raises:
        UsageError: At once for a wrong setting; when loading, for a folder that cannot serve.
    """

    def __init__(
        self,
        root: str,
        size: Positive = 64,
        fit: Fit = "crop",
        grey: bool = False,
        white: White = "auto",
        classes: bool | Literal["auto"] = "auto",
        num_classes: Annotated[Positive | None, Within("classes")] = None,
        test_fraction: Fraction = 0.1,
        validation_fraction: Fraction = 0.0,
        seed: int = 0,
        max_bad: Share = 0.01,
        cache: str = ".cache",
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        self.reader = Reader(size, fit, grey, white)
        check_fractions(test_fraction, validation_fraction)
        self.root, self.cache = Path(root).expanduser().absolute(), Path(cache).expanduser()
        self.classes, self.num_classes = classes, num_classes
        self.test_fraction, self.validation_fraction = test_fraction, validation_fraction
        self.seed, self.max_bad = seed, max_bad

    @cached_property
    def _found(self) -> Found:
        return scan(self.root)

    @cached_property
    def _listing(self) -> tuple[list[File], tuple[str, ...]]:
        files = split_by_folder(self._found.files, self.classes)
        names = class_names(files, self.classes, self.num_classes)
        wanted = {parent for parent in {file.parent for file in files} if printable(parent) in names}
        kept = [file for file in files if file.parent in wanted] if names else files
        return by_hash(kept, self.seed), names

    def files(self) -> list[Path]:
        """All image files, readable or not, in the order of the shuffle."""
        return [self.root / file.path for file in self._listing[0]]

    def left_out(self) -> Counter[str]:
        """What lies in the folder and is no image file, by kind."""
        return self._found.left_out

    @property
    def contents(self) -> Mapping[str, Any]:
        """What the stored images depend on, without reading any file: where they lie and when they changed."""
        stamps = [(file.path, file.size, file.mtime) for file in self._listing[0]]
        return {"root": str(self.root), **self._settings, "files": stamps}

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """What the files hold, how they are read, and how they are split."""
        return {"content": self.store.meta["content"], **self._settings, **self._fractions}

    @property
    def former(self) -> Mapping[str, Any]:
        """The same by the files' sizes and times."""
        return {**self.contents, **self._fractions}

    @property
    def _settings(self) -> Mapping[str, Any]:
        classes = self._listing[1]
        return {**self.reader.ingredients, "seed": self.seed, "max_bad": self.max_bad, "classes": classes}

    @property
    def _fractions(self) -> Mapping[str, Any]:
        held = where_set(validation_fraction=self.validation_fraction)
        return {"test_fraction": self.test_fraction, **held}

    @cached_property
    def store(self) -> ImageStore:
        """The readable images as squares, in the order of the keyed shuffle."""
        key = digest({**self.contents, "store": VERSION})
        return cached_store(self.cache / f"folder-{self.root.name}-{key}", self._write)

    @property
    def stored(self) -> list[str]:
        """Paths of the images in the store below the root, in its order."""
        skipped = {path for path, _ in self.store.meta["skipped"]}
        return [path for file in self._listing[0] if (path := printable(file.path)) not in skipped]

    @property
    def unread(self) -> Mapping[str, str]:
        """Shares of splits that the folder brings, and the white of images of 8 bits."""
        fractions = {"test": self.test_fraction, "validation": self.validation_fraction}
        brought = overruled(str(self.root), fractions, Counter(file.split for file in self._listing[0]))
        return brought | self.reader.unread(lambda: self.store.meta, str(self.root))

    def load(self) -> Splits:
        """Open the store, and hold out the last training images of its keyed shuffle, or take the folders of splits."""
        items, count = ArrayItems(self.store.images, self.store.labels), self._split()
        train, *given = items.split(len(items) - count["validation"] - count["test"], count["validation"])
        fractions = zip(given, (self.validation_fraction, self.test_fraction), strict=True)
        chosen, tested = (0.0 if len(part) else fraction for part, fraction in fractions)
        held = held_out(len(train), chosen, tested, f"readable in the folder of images {self.root}")
        train, *shared = train.split(len(train) - sum(held), held[0])
        validation, test = (own if len(own) else share for own, share in zip(given, shared, strict=True))
        return Splits(train, test, self._listing[1], validation)

    def _split(self) -> Counter[Split | None]:
        """How many images of the store lie in folders of splits."""
        stored = set(self.stored)
        return Counter(file.split for file in self._listing[0] if printable(file.path) in stored)

    def _write(self, folder: Path) -> dict[str, Any]:
        files, names = self._listing
        if self.left_out():
            log.warning("%s: left out: %s.", self.root, told(self.left_out()))
        skipped: list[tuple[str, str]] = []
        sums: dict[str, bytes] = {}

        def find(file: File) -> Path:
            path = self.root / file.path
            sums[file.path] = sum_of(path)  # here, where the file is about to be read anyway
            return path

        squares = self.reader.squares(files, find, f"reading {self.root.name}")
        with StoreWriter(folder, self.reader.shape, len(files)) as writer, closing(squares) as images:
            for file, image in zip(files, images, strict=True):
                if isinstance(image, np.ndarray):
                    writer.add(image, names.index(printable(file.parent)) if names else 0)
                else:
                    skipped.append((printable(file.path), image))
                    self._tolerate(skipped, len(files))
        if skipped:
            log.warning("%d of %d files in %s skipped: %s.", len(skipped), len(files), self.root, _first(skipped))
        noted = self.reader.noted(files, lambda file: self.root / file.path)
        return {"skipped": skipped, "content": content(sums), **noted}

    def _tolerate(self, skipped: list[tuple[str, str]], total: int) -> None:
        if len(skipped) > self.max_bad * total:
            raise UsageError(
                f"More than {self.max_bad:.2%} of the {total} images in {self.root} cannot be read, among them "
                f"{_first(skipped)}; repair or remove them, or allow more: data.max_bad=…"
            )


def _first(skipped: list[tuple[str, str]]) -> str:
    return "; ".join(f"{path} ({reason})" for path, reason in skipped[:5])
