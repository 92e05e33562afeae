"""Contrast of a set of images: one that is nearly black, white or grey all over was likely read at a wrong scale."""

import torch

from gen_models.data.interface import Items
from gen_models.data.source import Source

LOOKED_AT = 64
"""Images that are looked at, evenly picked."""
RARE = 0.001
"""Share of pixels that may be darker, or lighter, than what counts as the range."""
FAINT = 0.04
"""Share of the way from black to white below which a range is none: 10 of 255 levels."""


def faintness(source: Source) -> str:
    """The sentence on images without contrast; "" where they have some, are no images, or are all one picture."""
    if len(source.shape) != 3 or len(source.train) < 2:
        return ""
    low, high = _range(source.train)
    if high - low >= FAINT:
        return ""
    seen = "black" if high < 0.5 and low < FAINT else "white" if low > 0.5 and high > 1 - FAINT else "of one grey"
    return (
        f"the images are almost {seen}: nearly all pixels lie within {low:.3f} and {high:.3f} of the way from black to "
        "white. If they look different elsewhere, say what is white by data.white=…, or rescale them."
    )


def _range(items: Items) -> tuple[float, float]:
    """The darkest and the lightest value that is not rare, between 0 and 1."""
    step = max(1, len(items) // LOOKED_AT)
    x, _ = items.gather(list(range(0, len(items), step))[:LOOKED_AT])
    levels = torch.bincount(x.flatten().int(), minlength=256).double()
    shares = levels.cumsum(0) / levels.sum()
    low, high = (shares <= RARE).sum(), (shares < 1 - RARE).sum()
    return int(low) / 255, int(high) / 255
