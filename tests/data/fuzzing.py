"""Odd and damaged images made from a seed, and what becomes of them."""

import io
import os
import resource
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from gen_models.data.errors import BadImage
from gen_models.data.images import FORMATS, peak, pixels

KINDS = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "GIF": ("L", "P", "RGB"),
    "WEBP": ("RGB", "RGBA"),
    "AVIF": ("RGB", "RGBA"),
    "BMP": ("1", "L", "P", "RGB"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"),
    "PPM": ("1", "L", "RGB", "I;16"),
    "JPEG2000": ("L", "RGB", "RGBA", "I;16"),
    "TGA": ("L", "LA", "P", "RGB", "RGBA"),
    "ICO": ("RGBA",),
}
SIDES = (1, 2, 3, 7, 16, 33, 120)
SIZE = 8


def encoded(random: np.random.Generator) -> bytes:
    """An image of a random kind, size and content, perhaps animated, turned by Exif or with a transparent colour."""
    kind = str(random.choice([name for name in KINDS if name in FORMATS]))
    mode = str(random.choice(KINDS[kind]))
    width, height = random.choice(SIDES, 2)
    options = {}
    if random.random() < 0.3 and kind in ("PNG", "JPEG", "WEBP", "TIFF"):
        exif = Image.Exif()
        exif[0x0112] = int(random.integers(0, 10))
        options["exif"] = exif
    if random.random() < 0.3 and kind in ("PNG", "GIF") and mode in ("L", "P", "I;16"):
        options["transparency"] = int(random.integers(0, 256))
    if random.random() < 0.3 and kind in ("PNG", "GIF", "WEBP", "TIFF"):
        options |= {"save_all": True, "append_images": [_drawn(random, mode, width, height)]}
    if random.random() < 0.2 and kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        options["icc_profile"] = random.bytes(200)
    file = io.BytesIO()
    _drawn(random, mode, width, height).save(file, kind, **options)
    return file.getvalue()


def _drawn(random: np.random.Generator, mode: str, width: int, height: int) -> Image.Image:
    if mode in ("I;16", "I", "F"):
        dtype, top = {"I;16": (np.uint16, 65535), "I": (np.int32, 70_000), "F": (np.float32, 1.05)}[mode]
        return Image.fromarray((random.random((height, width)) * top).astype(dtype))
    grain = random.integers(0, 256, (height, width, 3), np.uint8) // int(random.integers(1, 64))
    image = Image.fromarray(grain)
    return image.convert("L").convert(mode) if mode == "LA" else image.convert(mode)


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """The content whole, cut short, with bits flipped (early ones more often), or with a piece doubled."""
    way, length = random.choice(["whole", "cut", "bits", "header", "doubled"]), len(content)
    changed = bytearray(content)
    if way == "cut":
        return content[: random.integers(0, length)]
    if way == "doubled":
        place = random.integers(0, length)
        return content[:place] + content[place // 2 :]
    if way in ("bits", "header"):
        for place in random.integers(0, length if way == "bits" else min(64, length), random.integers(1, 9)):
            changed[place] ^= 1 << int(random.integers(8))
    return bytes(changed)


def fuzz(folder: Path, count: int, seed: int = 0) -> Counter[str]:
    """Read `count` images and count what became of them: "read", or the beginning of the reason why not.

    Raises:
        AssertionError: A square has another shape or type, or a file stays open.
    """
    outcomes: Counter[str] = Counter()
    path, files = folder / "fuzzed", _open_files()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for index in range(count):
            random = np.random.default_rng([seed, index])
            path.write_bytes(damaged(encoded(random), random))
            outcomes[_outcome(path, random)] += 1
    assert _open_files() == files
    return outcomes


def _outcome(path: Path, random: np.random.Generator) -> str:
    fit, grey = ("crop", "pad")[random.integers(2)], bool(random.integers(2))
    try:
        square = pixels(path, SIZE, fit, grey, white=max(peak(path), 1.0))
    except BadImage as reason:
        return str(reason)[:7]
    assert square.shape == (SIZE, SIZE, 1 if grey else 3)
    assert square.dtype == np.uint8
    return "read"


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0


def memory() -> float:
    """The most memory in MB that this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
