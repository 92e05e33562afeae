"""Images of more than 8 bits (16- and 32-bit integers, floats): which value is white is known of a whole set alone."""

import numpy as np
from PIL import Image

from gen_models.data.errors import BadImage
from gen_models.errors import UsageError

WHITES = (1, 255, 4095, 65535)
"""Floats from 0 to 1, and integers of 8, 12 and 16 bits."""

OVERSHOOT = 1 / 16
"""What resampling with sharp kernels adds at edges, as a share of white; floats keep it."""


class WhiteUnknown(Exception):
    """An image of more than 8 bits came before its set was looked through for the value of white."""


def deep(image: Image.Image) -> bool:
    """Tell whether an image has more than 8 bits a channel, all of which Pillow gives: modes I, I;16 and F."""
    return image.mode[0] in "IF"


def highest(image: Image.Image) -> float:
    """Give the highest value of a deep image, less the overshoot of floats; 0 where it has none that counts."""
    top = np.asarray(image).max(initial=0)
    return float(top / (1 + OVERSHOOT) if image.mode == "F" else top) if np.isfinite(top) else 0.0


def white_above(value: float) -> float:
    """Choose the least usual white that is not below `value`.

    Raises:
        UsageError: None is so high.
    """
    for white in WHITES:
        if value <= white:
            return white
    raise UsageError(f"the images have values up to {value:g}: say which is white by data.white=….")


def eight_bit(image: Image.Image, white: float) -> Image.Image:
    """Scale a deep image to floats (mode F) in which `white` is 255; its transparent grey becomes white.

    Raises:
        BadImage: It has values beyond black and white, or what is no number.
    """
    values = np.asarray(image).astype(np.float32)
    low, high = values.min(), values.max()
    beyond = OVERSHOOT * white if image.mode == "F" else 0
    if not (low >= -beyond and high <= white + beyond):  # nor is NaN
        raise BadImage(f"its values, {low:g} to {high:g}, are not within 0 and {white:g}")
    hidden = image.info.get("transparency")
    transparent = values == hidden if isinstance(hidden, int) else None
    values *= 255 / white
    if transparent is not None:
        values[transparent] = 255
    return Image.fromarray(values)
