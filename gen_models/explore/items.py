"""Questions about items, held out or brought: reconstructed, completed, and a map of their codes to decode from."""

from base64 import urlsafe_b64decode
from math import prod
from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from gen_models.analysis.atlas import atlas, decoded_at
from gen_models.analysis.restore import completions, reconstructions
from gen_models.data.interface import Items, classes_of, gathered, some
from gen_models.data.single import brought
from gen_models.errors import UsageError
from gen_models.explore.question import PageQuestion
from gen_models.explore.session import Variant
from gen_models.explore.shown import Chart, Shown, address, line
from gen_models.media.pictures import grid
from gen_models.media.pixels import to_uint8

MAPPED = 1000
"""Held-out items on a map."""
MASK = "mask.png"
"""What the page calls a mask that it gives away."""
Numbers = Annotated[list[int], Field(default_factory=list, max_length=8)]
"""Pictures that were brought, by their numbers, in place of held-out items."""


Mask = Annotated[str, Field(max_length=400_000, pattern="^[A-Za-z0-9_-]+$")]
"""A bit for each pixel, row by row, which is 1 where items are drawn anew, as base64 for addresses."""


class Originals(PageQuestion):
    """Which items are asked of `gen-models reconstruct` and `complete`?"""

    n: int = Field(1, ge=1, le=64)
    uploads: Numbers

    def answer(self, run: Variant) -> Shown:
        """Show each as a picture of its own, pixel by pixel."""
        items, count, _ = _items(run, self.n, self.uploads, self.class_)
        x, _ = gathered(items, some(items, count))
        return Shown(pictures=[address(to_uint8(one).expand(3, -1, -1)) for one in x])


class Reconstruct(PageQuestion):
    """What does `gen-models reconstruct` draw?"""

    n: int = Field(16, ge=1, le=64)
    columns: int = Field(8, ge=1, le=32)
    uploads: Numbers

    def answer(self, run: Variant) -> Shown:
        """Draw rows of items above their reconstructions."""
        with run.model.evaluating("reconstruct"):
            items, count, files = _items(run, self.n, self.uploads, self.class_)
            rows = reconstructions(run.model, items, count, self.columns)
        options = self.words(n=None if files else count, columns=self.columns, image=files, class_=self.class_)
        return Shown(
            pictures=[address(grid(rows.flatten(0, 1), rows.shape[1]))],
            command=line("reconstruct", run.opened, **options),
            words="Each item, and below it its reconstruction.",
        )


class Complete(PageQuestion):
    """What does `gen-models complete` draw, in several tries, of which a share is kept, or what no mask covers?"""

    n: int = Field(16, ge=1, le=64)
    tries: int = Field(4, ge=1, le=16)
    keep: float = Field(0.5, ge=0, le=1)
    mask: Mask | None = None
    uploads: Numbers

    def answer(self, run: Variant) -> Shown:
        """Draw a row for each item."""
        kept = self.keep if self.mask is None else _unmasked(self.mask, run.opened.shape)
        with run.model.evaluating("complete", self.seed):
            items, count, files = _items(run, self.n, self.uploads, self.class_)
            drawn = completions(run.model, items, count, self.tries, kept)
        part = {"keep": self.keep} if self.mask is None else {"mask": MASK}
        told = {"n": None if files else count, "tries": self.tries, **part, "image": files, "class_": self.class_}
        return Shown(
            pictures=[address(grid(drawn, self.tries + 2))],
            command=line("complete", run.opened, **self.words(**told, seed=self.seed)),
            words="Each row: the item, what is kept of it, and ways to go on from there.",
        )


class Map(PageQuestion):
    """Where does `gen-models latents` place the codes of held-out items?"""

    def answer(self, run: Variant) -> Shown:
        """Give their places."""
        test = run.opened.source.test
        codes, plane = atlas(run.model, test, MAPPED, self.seed)
        places = zip(plane.place(codes).tolist(), classes_of(test, MAPPED).tolist(), strict=True)
        points, names = [(x, y, c) for (x, y), c in places], list(run.opened.source.class_names)
        return Shown(
            chart=Chart(points=points, classes=names, axes=plane.axes),
            command=line("latents", run.opened, **self.words(n=MAPPED, seed=self.seed)),
        )


class At(PageQuestion):
    """What does the code at a place of the map stand for, as `gen-models decode` says?"""

    x: float
    y: float

    def answer(self, run: Variant) -> Shown:
        """Decode the code."""
        _, plane = atlas(run.model, run.opened.source.test, MAPPED, self.seed)
        drawn = decoded_at(run.model, plane, (self.x, self.y), self.class_ or 0)
        options = self.words(at=f"{self.x!r},{self.y!r}", n=MAPPED, class_=self.class_, seed=self.seed)
        return Shown(
            pictures=[address(grid(drawn, 1))],
            command=line("decode", run.opened, **options),
            words=f"the code at {self.x:.2f}, {self.y:.2f}",
        )


def _unmasked(mask: str, shape: tuple[int, ...]) -> Tensor:
    """Where (1, H, W) items of a shape are kept."""
    pixels = prod(shape[-2:])
    if len(shape) != 3 or len(mask) != -(-8 * -(-pixels // 8) // 6):
        raise UsageError(f"that mask is not of {' x '.join(map(str, shape[1:]))} pixels: clear it, and paint another.")
    content = urlsafe_b64decode(mask + "=" * (-len(mask) % 4))
    bits = np.unpackbits(np.frombuffer(content, np.uint8))[:pixels]
    return torch.from_numpy(bits.reshape(1, *shape[1:]) == 0)


def _items(run: Variant, n: int, uploads: list[int], class_: int | None) -> tuple[Items, int, list[str]]:
    """Held-out items and how many to show, or all pictures that were brought, and their files."""
    if not uploads:
        return run.opened.source.test, min(n, len(run.opened.source.test)), []
    kept = [run.opened.uploads.get(number) for number in uploads]
    shown = brought([one.content for one in kept], run.opened.shape, run.opened.config.get("data"), class_ or 0)
    return shown, len(shown), [one.name for one in kept]
