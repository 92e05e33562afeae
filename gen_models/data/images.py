"""Any image, made a square of 8-bit pixels without silent damage.

What Pillow does by itself would clip 16-bit greys to white, ignore the camera's orientation, show the colours hidden
under transparent pixels, turn float images black, and hand EPS files to an interpreter.
"""

import struct
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageOps

from gen_models.data.errors import BadImage
from gen_models.errors import UsageError

Fit = Literal["crop", "pad"]

WANTED = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "TGA", "ICO")
Image.init()
FORMATS = tuple(name for name in WANTED if name in Image.OPEN)  # a build of Pillow may lack some
MAX_PIXELS = 100_000_000
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, RuntimeError, struct.error)


def pixels(source: Path | Image.Image, size: int, fit: Fit = "crop", grey: bool = False) -> np.ndarray:
    """Turns upright, composites on white, scales to 8 bits and resizes with antialiasing.

    Args:
        source: An image of any size and mode, or its file; of an animation the first frame counts.
        size: Height and width of the result.
        fit: "crop" keeps the central square, "pad" keeps everything and fills up with white.
        grey: One channel instead of three.

    Returns:
        (size, size, C) uint8.

    Raises:
        BadImage: With the reason, if the image cannot be read faithfully.
    """
    try:
        if isinstance(source, Image.Image):
            return _square(source, size, fit, grey)
        with Image.open(source, formats=FORMATS) as image:
            return _square(image, size, fit, grey)
    except BadImage:
        raise
    except Image.UnidentifiedImageError as error:
        raise BadImage("not an image of a known format") from error
    except Image.DecompressionBombError as error:
        raise BadImage("too many pixels") from error
    except DAMAGE as error:
        raise BadImage(f"damaged: {error}") from error


def check_fit(fit: str) -> None:
    """Refuses an unknown way of making squares.

    Raises:
        UsageError: Naming those that exist.
    """
    if fit not in get_args(Fit):
        raise UsageError(f"data.fit={fit} is not known: choose {' or '.join(get_args(Fit))}.")


def _square(image: Image.Image, size: int, fit: Fit, grey: bool) -> np.ndarray:
    if image.width * image.height > MAX_PIXELS:
        raise BadImage(f"{image.width}x{image.height} are more than {MAX_PIXELS // 10**6} megapixels")
    colour = _eight_bit(ImageOps.exif_transpose(image)).convert("L" if grey else "RGB")
    if fit == "crop":
        square = ImageOps.fit(colour, (size, size), Image.Resampling.BICUBIC)
    else:
        square = ImageOps.pad(colour, (size, size), Image.Resampling.BICUBIC, color="white")
    return np.asarray(square).reshape(size, size, -1)


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit files open as I;16 or, from PGM, as 32-bit I
        return Image.fromarray(_scaled(np.asarray(image).astype(np.float64), 65535))
    if image.mode == "F":
        values = np.asarray(image)
        return Image.fromarray(_scaled(values, 1 if values.max() <= 1 else 255))
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        opaque = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque)
    return image.convert("RGB")


def _scaled(values: np.ndarray, white: float) -> np.ndarray:
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= white):
        raise BadImage(f"its values are not within 0 and {white}")
    return np.rint(values * (255 / white)).astype(np.uint8)
