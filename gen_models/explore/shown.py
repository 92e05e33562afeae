"""What the page is given: pictures, where their cells are, and the command that makes the same."""

from base64 import b64encode
from collections.abc import Sequence
from shlex import join
from typing import Any

from pydantic import BaseModel
from torch import Tensor

from gen_models.explore.session import Opened
from gen_models.media.measures import GAP
from gen_models.media.pictures import encoded


class Cells(BaseModel):
    """Where the samples of a grid are, in its pixels: `count` of them, `columns` in a row, each inside a gap."""

    count: int
    columns: int
    width: int
    height: int
    gap: int


class Chart(BaseModel):
    """Codes in the plane: (x, y, class) of each item, the classes' names, and what the axes are."""

    points: list[tuple[float, float, int]]
    classes: list[str]
    axes: tuple[str, str]


class Shown(BaseModel):
    """What the page shows in answer to a question.

    Attributes:
        pictures: As addresses that hold them; of a film, its frames.
        chart: A map, in place of pictures.
        command: What gives the same when it is typed; None where there is none.
        cells: Of each picture, where it is a grid.
        labels: What stands beside rows, or below frames.
        words: What is to be said of it.
    """

    pictures: list[str] = []
    chart: Chart | None = None
    command: str | None = None
    cells: Cells | None = None
    labels: list[str] = []
    words: str = ""


def address(picture: Tensor) -> str:
    """Give a picture (3, H, W) uint8 as a PNG inside an address."""
    return f"data:image/png;base64,{b64encode(encoded(picture)).decode()}"


def cells(images: Tensor, picture: Tensor, columns: int) -> Cells | None:
    """Say where samples (N, C, H, W) are in their grid (3, H', W'); points have no places of their own."""
    if images.ndim != 4:
        return None
    count, _, height, width = images.shape
    columns = min(columns, count)
    times = picture.shape[-1] // (columns * (width + GAP) + GAP)
    return Cells(count=count, columns=columns, width=width * times, height=height * times, gap=GAP * times)


def line(command: str, opened: Opened, **options: Any) -> str:
    """Give a command of `gen-models` as it is typed; options that are None are left out.

    A list is an option given several times, and True one without a value.
    """
    words = ["gen-models", command, str(opened.path), *opened.opening.words]
    for name, value in options.items():
        for one in value if isinstance(value, Sequence) and not isinstance(value, str) else [value]:
            if one is not None and one is not False:
                flag = f"--{name.strip('_').replace('_', '-')}"
                words += [flag] if one is True else [flag, str(one)]
    return join(words)
