"""The images of a set as squares of one size and one scale."""

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar, get_args

import numpy as np

from gen_models.data.depth import WhiteUnknown, white_above
from gen_models.data.errors import BadImage
from gen_models.data.images import Fit, Opening, is_deep, peak, pixels
from gen_models.data.parallel import in_parallel
from gen_models.errors import UsageError

log = logging.getLogger(__name__)

T = TypeVar("T")
Find = Callable[[T], Opening]
White = float | Literal["auto"]

VERSION = 2
"""Of the squares that are made of an image: another one renews all stores."""


@dataclass(frozen=True)
class Reader:
    """How the images of a set become squares.

    Attributes:
        size: Height and width.
        fit: "crop" to the central square, or "pad" with white.
        grey: One channel instead of three.
        white: The value of white in images of more than 8 bits; "auto" takes the least of 1, 255, 4095 and 65535 that
            no such image of the set exceeds.

    Raises:
        UsageError: A setting is out of range.
    """

    size: int
    fit: Fit
    grey: bool
    white: White

    def __post_init__(self) -> None:
        if self.fit not in get_args(Fit):
            raise UsageError(f"data.fit={self.fit} is not known: choose {' or '.join(get_args(Fit))}.")
        if self.white != "auto" and not (isinstance(self.white, int | float) and 0 < self.white < np.inf):
            raise UsageError(f"data.white={self.white} is no value of white: choose auto, 1, 255, 4095 or 65535.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of a square."""
        return self.size, self.size, 1 if self.grey else 3

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """What the squares depend on besides the images."""
        return {"size": self.size, "fit": self.fit, "grey": self.grey, "white": self.white, "reader": VERSION}

    def squares(self, sources: Sequence[T], find: Find[T], title: str) -> Generator[np.ndarray | str, None, None]:
        """Give the square (H, W, C) in uint8 of each image in order, or the reason why there is none.

        Args:
            sources: The images.
            find: Gives the file or the image of one of them.
            title: What stands before the progress bar.
        """
        white, done = None if self.white == "auto" else self.white, 0
        try:
            with closing(in_parallel(partial(self._attempt, find, white), sources, title, processes=False)) as first:
                for square in first:
                    yield square
                    done += 1
        except WhiteUnknown:  # most sets have no such image, and need not be read twice
            white = self._settled(sources[done:], find, title)
            yield from in_parallel(partial(self._attempt, find, white), sources[done:], title, processes=False)

    def noted(self, sources: Sequence[T], find: Find[T]) -> dict[str, Any]:
        """What a store keeps of its images for `unread`: whether any of them has a white that has to be said."""
        return {"white": self.white != "auto" and any(is_deep(find(source)) for source in sources)}

    def unread(self, noted: Callable[[], Mapping[str, Any]], where: str) -> dict[str, str]:
        """Give the options that are without effect on a place's images, and why; early stores have noted nothing."""
        if self.white == "auto" or noted().get("white", True):
            return {}
        return {"white": f"no image in {where} has more than 8 bits"}

    def _settled(self, sources: Sequence[T], find: Find[T], title: str) -> float:
        """Look at all images for the value of white, and say what it is."""
        with closing(in_parallel(lambda source: peak(find(source)), sources, title, processes=False)) as found:
            top = max(found)
        white = white_above(top)
        log.warning("%s: images of more than 8 bits reach %g, so white is %g; if not: data.white=…", title, top, white)
        return white

    def _attempt(self, find: Find[T], white: float | None, source: T) -> np.ndarray | str:
        try:
            return pixels(find(source), self.size, self.fit, self.grey, white)
        except BadImage as reason:
            return str(reason)
