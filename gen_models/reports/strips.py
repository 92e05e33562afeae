"""What a run drew as it went on: the same samples, a row for each of some turns."""

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from gen_models.media.image_files import opened, readable
from gen_models.media.measures import GAP, LEAST
from gen_models.run.turn_files import turn_files

ROWS = 6
"""Turns that are shown, at most."""


class StripRow(NamedTuple):
    """What was drawn after a turn, as an address that holds the picture."""

    turn: int
    source: str


def strip(folder: Path, shape: Sequence[int]) -> list[StripRow]:
    """Give the upper row of sample grids of turns that are evenly spread, the first and the last among them.

    Args:
        folder: `samples` of the run directory.
        shape: Of an item; what is no picture is shown as it was drawn.
    """
    found = turn_files(folder.glob("turn-*.png"))
    count = min(ROWS, len(found))
    chosen = [found[round(i * (len(found) - 1) / max(1, count - 1))] for i in range(count)]
    rows = [StripRow(file.turn, _row(file.path, shape)) for file in chosen if readable(file.path)]
    return rows if len(rows) > 1 else []


def embedded(path: Path) -> str:
    """A file as an address that holds it."""
    return _address(path.read_bytes(), path.suffix[1:])


def _row(path: Path, shape: Sequence[int]) -> str:
    if len(shape) != 3:
        return embedded(path)
    with opened(path) as picture:
        cell = _cell(picture, shape)
        file = BytesIO()
        picture.crop((0, 0, picture.width, cell)).save(file, "PNG")
    return _address(file.getvalue(), "png")


def _cell(picture: Image.Image, shape: Sequence[int]) -> int:
    """Pixels from the top of one row of a grid to that of the next: small grids are enlarged by a whole number."""
    _, height, width = shape
    for times in range(1, min(LEAST, picture.width) + 1):
        wide = picture.width // times
        if (wide - GAP) % (width + GAP) == 0 and times == -(-LEAST // wide):
            return min(picture.height, times * (height + GAP))
    return picture.height


def _address(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"
