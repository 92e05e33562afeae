"""DiceBear avatars: cartoon heads drawn on this machine, unlimited, licensed, and with every attribute known.

https://www.dicebear.com
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from tokenize import TokenError
from typing import Any, Unpack, final

import numpy as np

from gen_models.bounds import Natural, Positive
from gen_models.data.drawing import attributes, definition, draw, licence
from gen_models.data.held_out import where_set
from gen_models.data.interface import Factors, Split
from gen_models.data.items import ArrayItems
from gen_models.data.loading import ImageLoading
from gen_models.data.parallel import in_parallel
from gen_models.data.source import Source, Splits, digest
from gen_models.data.store import ImageStore, StoreWriter, cached_store
from gen_models.errors import UsageError

log = logging.getLogger(__name__)


@final
class Avatars(Source):
    """DiceBear avatars, RGB on a plain background.

    Args:
        size: Height and width in pixels.
        style: A DiceBear style.
        count: Training images; image i is the same for any count.
        test_count: Images to report on, drawn after the training images.
        validation_count: Images to choose by, drawn last.
        seed: Another seed, other heads.
        label: The drawn attribute that is the class, e.g. "hairColor"; without one there are no classes.
        cache: Directory of the drawn images.
        loading: See `ImageLoading`.

    Raises:
        UsageError: If the style or (when loading) the attribute is unknown.
    """

    def __init__(
        self,
        size: Positive = 32,
        style: str = "toon-head",
        count: Positive = 8000,
        test_count: Positive = 2000,
        validation_count: Natural = 0,
        seed: int = 0,
        label: str | None = None,
        cache: str = ".cache",
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        definition(style)  # refuses an unknown style now
        self.size, self.style, self.count, self.test_count = size, style, count, test_count
        self.validation_count, self.seed = validation_count, seed
        self.label, self.cache = label, Path(cache).expanduser()

    @property
    def licence(self) -> str:
        """Title, author and licence of the drawings."""
        return licence(self.style)

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """What the images depend on; whatever is read off them as the class, they are the same."""
        packages = [version(name) for name in ("dicebear-core", "dicebear-styles", "resvg-py")]
        kind = {"style": self.style, "size": self.size, "packages": packages}
        counts = {"count": self.count, "test_count": self.test_count}
        return {**kind, **counts, **where_set(validation_count=self.validation_count), "seed": self.seed}

    @property
    def shape(self) -> tuple[int, ...]:
        """(3, H, W), known before anything is drawn, as the other members of `spec` are."""
        return 3, self.size, self.size

    @property
    def num_train(self) -> int:
        """Training items, with the repetitions of those that are labelled."""
        return min(self.count, self.limit or self.count) if self.labelled is None else super().num_train

    @property
    def num_validation(self) -> int:
        """Held-out items that one chooses by."""
        return self.validation_count

    @property
    def num_test(self) -> int:
        """Held-out items that one reports on."""
        return self.test_count

    @property
    def class_names(self) -> tuple[str, ...]:
        """The values of the attribute that is the class, sorted."""
        return () if self.label is None else tuple(self._labels[1])

    @property
    def path(self) -> Path:
        """Where the drawn images are kept."""
        return self.cache / f"avatars-{self.style}-{self.size}-{digest(self.ingredients)}"

    @cached_property
    def store(self) -> ImageStore:
        """Training images, then those to report on, then those to choose by."""
        return cached_store(self.path, self._write)

    def load(self) -> Splits:
        """Open the store and take the chosen attribute as the class."""
        labels = self.store.labels if self.label is None else self._labels[0]
        train, test, validation = ArrayItems(self.store.images, labels).split(self.count, self.test_count)
        return Splits(train, test, self.class_names, validation)

    def factors(self, split: Split) -> Factors:
        """Give, for each attribute that varies, the (N,) int64 code of each item, and the codes' names."""
        last = self.count + self.test_count
        held = {"test": slice(self.count, last), "validation": slice(last, None)}
        rows = held.get(split, slice(None, len(self.reference)))
        return {name: (codes[rows], names) for name, (codes, names) in self._known.items()}

    @property
    def _labels(self) -> tuple[np.ndarray, Sequence[str]]:
        if self.label is None or self.label not in self._known:
            raise UsageError(
                f"data.label={self.label} is not drawn by {self.style}; it draws {', '.join(self._known)}."
            )
        return self._known[self.label]

    @cached_property
    def _known(self) -> Factors:
        """The attributes of all items; where none are kept they are drawn alone, nine times as fast as with images."""
        names, table = self._kept_factors() or self._drawn_factors()
        return {name: (table[i], tuple(values)) for i, (name, values) in enumerate(names.items())}

    def _kept_factors(self) -> tuple[dict[str, list[str]], np.ndarray] | None:
        if not self.path.exists():
            return None
        try:
            return self.store.meta["factors"], np.load(self.store.path / "factors.npy")
        except (OSError, ValueError, EOFError, TokenError):
            return None  # damaged

    def _drawn_factors(self) -> tuple[dict[str, list[str]], np.ndarray]:
        draw_one = partial(attributes, self.style)
        with closing(in_parallel(draw_one, self._seeds, "choosing avatars", processes=True)) as rows:
            return encode(list(rows))

    @property
    def _seeds(self) -> list[str]:
        return [f"{self.seed}-{i}" for i in range(self.count + self.test_count + self.validation_count)]

    def _write(self, folder: Path) -> dict[str, Any]:
        seeds, drawn = self._seeds, []
        log.info("Drawing %d avatars: %s.", len(seeds), self.licence)
        draw_one = partial(draw, self.style, self.size)
        with (
            StoreWriter(folder, (self.size, self.size, 3), len(seeds)) as writer,
            closing(in_parallel(draw_one, seeds, "drawing avatars", processes=True)) as images,
        ):
            for image, chosen in images:
                writer.add(image)
                drawn.append(chosen)
        names, table = encode(drawn)
        np.save(folder / "factors.npy", table)
        return {"factors": names, "licence": self.licence}


def encode(drawn: Sequence[Mapping[str, str]]) -> tuple[dict[str, list[str]], np.ndarray]:
    """Number the values of the attributes that vary; an absent attribute is "none".

    Args:
        drawn: The attributes of N images.

    Returns:
        The sorted values of each of F attributes, and the (F, N) int64 positions in them.
    """
    known = sorted(set().union(*drawn))
    columns = {name: [row.get(name, "none") for row in drawn] for name in known}
    names = {name: sorted(set(column)) for name, column in columns.items() if len(set(column)) > 1}
    table = [[values.index(value) for value in columns[name]] for name, values in names.items()]
    return names, np.array(table, np.int64).reshape(len(names), len(drawn))
