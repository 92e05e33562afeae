"""Cartoon heads drawn on this machine: unlimited, licensed, and with every attribute known."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, final

import numpy as np

from gen_models.data.drawing import definition, draw, licence
from gen_models.data.items import ArrayItems
from gen_models.data.parallel import in_parallel
from gen_models.data.source import Source, Splits, at_least, digest
from gen_models.data.store import ImageStore, StoreWriter, cached_store
from gen_models.errors import UsageError

log = logging.getLogger(__name__)

Factors = dict[str, tuple[np.ndarray, tuple[str, ...]]]


@final
class Avatars(Source):
    """DiceBear avatars, RGB on a plain background.

    Args:
        size: Height and width in pixels.
        style: A DiceBear style.
        count: Training images; image i is the same for any count.
        test_count: Held-out images, drawn after the training images.
        seed: Another seed, other heads.
        label: The drawn attribute that is the class, e.g. "hairColor"; without one there are no classes.
        cache: Directory of the drawn images.
        batch_size: See `Source`.
        flip: See `Source`.
        workers: See `Source`.
        limit: See `Source`.

    Raises:
        UsageError: If the style or (when loading) the attribute is unknown.
    """

    def __init__(
        self,
        size: int = 32,
        style: str = "toon-head",
        count: int = 8000,
        test_count: int = 2000,
        seed: int = 0,
        label: str | None = None,
        cache: str = ".cache",
        batch_size: int = 64,
        flip: bool = True,
        workers: int = 0,
        limit: int | None = None,
    ) -> None:
        super().__init__(batch_size, flip, workers, limit)
        at_least(1, size=size, count=count, test_count=test_count)
        definition(style)  # refuses an unknown style now
        self.size, self.style, self.count, self.test_count = size, style, count, test_count
        self.seed, self.label, self.cache = seed, label, Path(cache).expanduser()

    @property
    def licence(self) -> str:
        """Title, author and licence of the drawings."""
        return licence(self.style)

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What the images depend on; whatever is read off them as the class, they are the same."""
        packages = [version(name) for name in ("dicebear-core", "dicebear-styles", "resvg-py")]
        kind = {"style": self.style, "size": self.size, "packages": packages}
        return {**kind, "count": self.count, "test_count": self.test_count, "seed": self.seed}

    @cached_property
    def store(self) -> ImageStore:
        """Training images, then held-out images."""
        path = self.cache / f"avatars-{self.style}-{self.size}-{digest(self.recipe)}"
        return cached_store(path, self._write)

    def load(self) -> Splits:
        """Opens the store and takes the chosen attribute as the class."""
        labels, names = self.store.labels, tuple[str, ...]()
        if self.label is not None:
            factors = self._all_factors
            if self.label not in factors:
                raise UsageError(
                    f"data.label={self.label} is not drawn by {self.style}; it draws {', '.join(factors)}."
                )
            labels, names = factors[self.label]
        return Splits(*ArrayItems(self.store.images, labels).split(self.count), names)

    @property
    def factors(self) -> Factors:
        """For each attribute that varies, the (N,) int64 code of each training item and the names of the codes."""
        return {name: (codes[: len(self.train)], names) for name, (codes, names) in self._all_factors.items()}

    @property
    def test_factors(self) -> Factors:
        """The same of each held-out item."""
        return {name: (codes[self.count :], names) for name, (codes, names) in self._all_factors.items()}

    @cached_property
    def _all_factors(self) -> Factors:
        table = np.load(self.store.path / "factors.npy")
        return {name: (table[i], tuple(names)) for i, (name, names) in enumerate(self.store.meta["factors"].items())}

    def _write(self, folder: Path) -> dict[str, Any]:
        total, drawn = self.count + self.test_count, []
        log.info("Drawing %d avatars: %s.", total, self.licence)
        seeds = [f"{self.seed}-{i}" for i in range(total)]
        images = in_parallel(partial(draw, self.style, self.size), seeds, "drawing avatars", processes=True)
        with StoreWriter(folder, (self.size, self.size, 3), total) as writer:
            for image, attributes in images:
                writer.add(image)
                drawn.append(attributes)
        names, table = encode(drawn)
        np.save(folder / "factors.npy", table)
        return {"factors": names, "licence": self.licence}


def encode(drawn: Sequence[Mapping[str, str]]) -> tuple[dict[str, list[str]], np.ndarray]:
    """Numbers the values of the attributes that vary; an absent attribute is "none".

    Args:
        drawn: The attributes of N images.

    Returns:
        The sorted values of each of F attributes, and the (F, N) int64 positions in them.
    """
    attributes = sorted(set().union(*drawn))
    columns = {name: [row.get(name, "none") for row in drawn] for name in attributes}
    names = {name: sorted(set(column)) for name, column in columns.items() if len(set(column)) > 1}
    table = [[values.index(value) for value in columns[name]] for name, values in names.items()]
    return names, np.array(table, np.int64).reshape(len(names), len(drawn))
