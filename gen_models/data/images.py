"""Any image, made a square of 8-bit pixels without silent damage and in bounded memory.

What Pillow does by itself would clip 16-bit greys to white, ignore the camera's orientation and colour profile, show
the colours hidden under transparent pixels, turn float images black, decode what a header of a few bytes promises, and
hand EPS files to an interpreter.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Literal, NamedTuple

import numpy as np
from PIL import Image

from gen_models.data.colour import opaque
from gen_models.data.depth import WhiteUnknown, deep, eight_bit, highest
from gen_models.data.errors import BadImage
from gen_models.media.image_files import DAMAGE

Fit = Literal["crop", "pad", "celeba"]
Extent = tuple[float, float]
Opening = Path | BinaryIO | Image.Image
"""What an image can be read from: a file by its path or open, or itself."""

WANTED = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "TGA", "ICO")
Image.init()
FORMATS = tuple(name for name in WANTED if name in Image.OPEN)  # a build of Pillow may lack some
MAX_PIXELS = 64_000_000
ALONE = 8_000_000
"""Images of more pixels are decoded one at a time, whatever the threads: at 64 megapixels one takes up to 1 GB."""

TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes an orientation of Exif (https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2019-E)."""

_one_at_a_time = threading.Lock()


def pixels(source: Opening, size: int, fit: Fit = "crop", grey: bool = False, white: float | None = None) -> np.ndarray:
    """Read an image as a square: resized with antialiasing, upright, in sRGB, composited on white, 8 bits a channel.

    Args:
        source: An image of any size and mode, or its file; of an animation the first frame counts.
        size: Height and width of the result.
        fit: "crop" keeps the central square, "pad" keeps everything and fills up with white, "celeba" keeps the face of
            an aligned CelebA image: 128 of 178x218 pixels around (89, 121), as Karras et al. (2018) do.
        grey: One channel instead of three.
        white: The white of images of more than 8 bits.

    Returns:
        (size, size, C) uint8.

    Raises:
        BadImage: With the reason, if the image cannot be read faithfully.
        WhiteUnknown: It has more than 8 bits, and `white` is None.
    """
    with _opened(source) as image, _decoded(image, size) as extent:
        square = _square(_shallow(image, white), extent, size, fit)
        turn = TURNS.get(image.getexif().get(TAG, 1))
        return _channels(square if turn is None else square.transpose(turn), grey)


def peak(source: Opening) -> float:
    """Give the highest value of an image of more than 8 bits; 0 of all others, and of what cannot be read."""
    try:
        with _opened(source) as image:
            if not deep(image):
                return 0
            with _decoded(image, 1):
                return highest(image)
    except BadImage:
        return 0


def is_deep(source: Opening) -> bool:
    """Whether an image says that it has more than 8 bits, so that its white counts; it is not decoded."""
    try:
        with _opened(source) as image:
            return deep(image)
    except BadImage:
        return False


class Header(NamedTuple):
    """Width and height of an image as they are stored, Pillow's word for its channels and bits, and its format."""

    size: tuple[int, int]
    mode: str
    form: str


def header(path: Path) -> Header:
    """Read what an image file says of itself, without decoding it.

    Raises:
        BadImage: With the reason, if it can't be read.
    """
    with _opened(path) as image:
        return Header(image.size, image.mode, image.format or "")


@contextmanager
def _opened(source: Opening) -> Iterator[Image.Image]:
    """Open an image for as long as the block lasts, in which whatever damage raises becomes `BadImage`."""
    try:
        with nullcontext(source) if isinstance(source, Image.Image) else Image.open(source, formats=FORMATS) as image:
            yield image
    except BadImage:
        raise
    except Image.UnidentifiedImageError as error:
        raise BadImage("not an image of a known format") from error
    except Image.DecompressionBombError as error:
        raise BadImage("too many pixels") from error
    except DAMAGE as error:
        unread = isinstance(error, OSError) and error.strerror  # no such file, a folder, one that may not be read
        raise BadImage(unread or f"damaged: {error}") from error


@contextmanager
def _decoded(image: Image.Image, size: int) -> Iterator[Extent]:
    """Decode what the header does not forbid: a JPEG at no more than two to four times the size that is wanted.

    Gives width and height, which are no whole numbers where a part of the last pixel lies beyond the image.
    """
    if image.width * image.height > MAX_PIXELS:
        raise BadImage(f"{image.width}x{image.height} are more than {MAX_PIXELS // 10**6} megapixels")
    draft = image.draft(image.mode, (2 * size, 2 * size)) if image.format in ("JPEG", "MPO") else None
    # an icon may hold a picture of another size than its header says
    alone = image.width * image.height > ALONE or image.format == "ICO"
    with _one_at_a_time if alone else nullcontext():
        image.load()
        yield draft[1][2:] if draft else image.size


def _shallow(image: Image.Image, white: float | None) -> Image.Image:
    if not deep(image):
        return image
    if white is None:
        raise WhiteUnknown
    return eight_bit(image, white)


def _square(image: Image.Image, extent: Extent, size: int, fit: Fit) -> Image.Image:
    """Resize in a mode that can be: colours, transparency and bits are cheaper to settle afterwards."""
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or (image.mode != "F" and "transparency" in image.info):
        image = image.convert("LA" if image.mode in ("1", "L", "LA", "La") else "RGBA")
    elif image.mode not in ("L", "RGB", "CMYK", "F"):
        image = image.convert("RGB")
    return FITS[fit](image, extent, size)


def _cropped(image: Image.Image, extent: Extent, size: int) -> Image.Image:
    side = min(extent)
    left, top = (extent[0] - side) / 2, (extent[1] - side) / 2
    return image.resize((size, size), Image.Resampling.BICUBIC, (left, top, left + side, top + side))


def _face(image: Image.Image, extent: Extent, size: int) -> Image.Image:
    across, down = extent[0] / 178, extent[1] / 218
    box = (25 * across, 57 * down, 153 * across, 185 * down)
    return image.resize((size, size), Image.Resampling.BICUBIC, box)


def _padded(image: Image.Image, extent: Extent, size: int) -> Image.Image:
    width, height = (max(1, round(side * size / max(extent))) for side in extent)
    white: Any = {"CMYK": (0, 0, 0, 0), "F": 255}.get(image.mode, "white")
    square = Image.new(image.mode, (size, size), white)
    square.info = image.info
    inner = image.resize((width, height), Image.Resampling.BICUBIC, (0, 0, *extent))
    square.paste(inner, ((size - width) // 2, (size - height) // 2))
    return square


FITS: Mapping[Fit, Callable[[Image.Image, Extent, int], Image.Image]] = MappingProxyType(
    {"crop": _cropped, "pad": _padded, "celeba": _face}
)


def _channels(image: Image.Image, grey: bool) -> np.ndarray:
    if image.mode == "F":
        image = Image.fromarray(np.rint(np.asarray(image)).clip(0, 255).astype(np.uint8))
    eight = opaque(image).convert("L" if grey else "RGB")
    return np.asarray(eight).reshape(*eight.size, -1)
