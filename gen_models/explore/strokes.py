"""Points along strokes: a distribution that somebody draws by hand."""

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

import numpy as np

from gen_models.data.arrays import Arrays
from gen_models.errors import UsageError

COUNT = 20_000
WIDTH = 0.03
"""Standard deviation of the points about the strokes."""
DOT = 0.1
"""Length of the stroke that weighs as much as a dot."""
FILE = "drawn.npy"
"""What the page calls the points that it gives away."""
Stroke = Sequence[tuple[float, float]]
"""Places of a hand in [-1, 1]², in order."""


def scattered(strokes: Sequence[Stroke]) -> Arrays:
    """Scatter points evenly along strokes, about as often on a dot as on a stroke of length `DOT`.

    Raises:
        UsageError: Nothing was drawn.
    """
    pieces = [piece for stroke in strokes for piece in _pieces(stroke)]
    if not pieces:
        raise UsageError("nothing is drawn: draw a stroke or a dot first.")
    starts, ends = (np.array(side, float) for side in zip(*pieces, strict=True))
    lengths = np.linalg.norm(ends - starts, axis=1)
    weights = np.where(lengths > 0, lengths, DOT)
    random = np.random.RandomState(0)  # whose stream numpy has frozen
    chosen = random.choice(len(pieces), size=COUNT, p=weights / weights.sum())
    along, noise = random.rand(COUNT, 1), WIDTH * random.randn(COUNT, 2)
    points = starts[chosen] + along * (ends - starts)[chosen] + noise
    return Arrays(points.clip(-1, 1).astype(np.float32))


def _pieces(stroke: Stroke) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight pieces of a stroke; a single place is one without length."""
    return list(pairwise(stroke)) if len(stroke) > 1 else [(place, place) for place in stroke]


def file(arrays: Arrays) -> bytes:
    """Give points as the file that `data.x` names."""
    content = BytesIO()
    np.save(content, arrays.x)
    return content.getvalue()
