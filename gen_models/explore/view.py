"""What the page is given of a training: plain numbers, and not too many of them."""

from itertools import pairwise

from pydantic import BaseModel
from torch import Tensor

ROWS = 300
"""Of a history, at most."""


class View(BaseModel):
    """A training as it is now: a theorem's plot, or points in the plane as `explore.plane.PlaneView` has them.

    Attributes:
        last: The turn that it ends with, where it has one.
        ended: Whether no turn is left.
        stages: States that samples go through, of which one can be looked at.
        picture: The plot of a theorem as an address; empty for points.
        figures: That settle its claim.
        losses: By name: (turn, value).
        floors: Of losses, where they are known.
    """

    turn: int
    last: int | None
    playing: bool
    ended: bool
    error: str
    command: str
    what: str = ""
    samples: list[list[float]] = []
    real: list[list[float]] = []
    field: list[list[float]] = []
    arrows: list[list[float]] = []
    stages: int = 0
    time: float | None = None
    scale: float = 1.0
    picture: str = ""
    figures: dict[str, float] = {}
    losses: dict[str, list[tuple[int, float]]]
    floors: dict[str, float] = {}


def listed(values: Tensor) -> list[list[float]]:
    """Numbers as JSON takes them: finite, of four digits."""
    rounded = values.detach().double().nan_to_num(0, 1e6, -1e6).tolist()
    return [[round(value, 4) for value in row] for row in rounded]


def thinned(rows: list[tuple[int, dict[str, float]]]) -> dict[str, list[tuple[int, float]]]:
    """Curves by name, as means of equal parts of the rows."""
    size = max(1, -(-len(rows) // ROWS))
    bounds = [*range(0, len(rows), size), len(rows)]
    names = dict.fromkeys(name for _, values in rows for name in values)
    curves: dict[str, list[tuple[int, float]]] = {name: [] for name in names}
    for start, end in pairwise(bounds):
        for name, curve in curves.items():
            part = [values[name] for _, values in rows[start:end] if name in values]
            if part:
                curve.append((rows[end - 1][0], sum(part) / len(part)))
    return curves
