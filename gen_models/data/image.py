"""One image, or a folder of them, with nothing held out."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Unpack, final

import numpy as np
from PIL import Image as Pillow
from sklearn.datasets import load_sample_image

from gen_models.beside import Unless
from gen_models.bounds import Positive
from gen_models.data.images import Fit
from gen_models.data.items import ArrayItems
from gen_models.data.listing import scan
from gen_models.data.loading import ImageLoading
from gen_models.data.reader import Reader, White
from gen_models.data.source import Source, Splits
from gen_models.data.sums import short_id
from gen_models.errors import UsageError


@final
class Image(Source):
    """Single images as squares, for models that learn one each; what is held out are the same images.

    Args:
        path: An image or a folder of images; null takes a photograph that ships with scikit-learn.
        photo: That photograph: "china" (a temple) or "flower".
        size: Height and width of the squares.
        fit: "crop" to the central square, or "pad" with white.
        grey: One channel instead of three.
        white: The value of white in images of more than 8 bits: see `Reader`.
        loading: See `ImageLoading`.

    Raises:
        UsageError: At once for a wrong setting; when loading, for what is no image.
    """

    def __init__(
        self,
        path: str | None = None,
        photo: Annotated[str, Unless("path")] = "flower",
        size: Positive = 128,
        fit: Fit = "crop",
        grey: bool = False,
        white: White = "auto",
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        self.reader = Reader(size, fit, grey, white)
        if photo not in ("china", "flower"):
            raise UsageError(f"data.photo={photo} is not known: choose china or flower, or give a file by data.path=…")
        self.path = Path(path).expanduser() if path else None
        self.photo = photo

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """A hash of the pixels."""
        return {"content": short_id(self._pixels.tobytes())}

    @property
    def unread(self) -> Mapping[str, str]:
        """The white of images of 8 bits."""
        return self.reader.unread(self._noted, str(self.path or self.photo))

    def _noted(self) -> Mapping[str, Any]:
        return self.reader.noted(self._sources(), lambda source: source)

    def load(self) -> Splits:
        """Read the images in the order of their names."""
        items = ArrayItems(self._pixels, np.zeros(len(self._pixels), np.int64))
        return Splits(items, items, validation=items)

    @cached_property
    def _pixels(self) -> np.ndarray:
        sources = self._sources()
        squares = list(self.reader.squares(sources, lambda source: source, "reading images"))
        for source, square in zip(sources, squares, strict=True):
            if isinstance(square, str):
                raise UsageError(f"{source} cannot be read: {square}.")
        return np.stack([square for square in squares if isinstance(square, np.ndarray)])

    def _sources(self) -> list[Path | Pillow.Image]:
        if self.path is None:
            return [Pillow.fromarray(load_sample_image(f"{self.photo}.jpg"))]
        if self.path.is_dir():
            return [self.path / file.path for file in scan(self.path).files]
        if not self.path.is_file():
            raise UsageError(f"There is no image {self.path}: give a file or a folder by data.path=…")
        return [self.path]
