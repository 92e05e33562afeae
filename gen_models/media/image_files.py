"""Image files: written whole, and looked at before they are shown."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from gen_models.files import write_bytes

WRITTEN = ("PNG", "GIF")
"""Formats of the pictures that a run writes; Pillow would let an interpreter run what an EPS file says, by any name."""
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, RuntimeError, OverflowError, struct.error)
"""What Pillow raises of files that are damaged, or made to be."""


def save_image(image: Image.Image, path: Path, **options: Any) -> None:
    """Write an image, or a film of several, in the format of the file's ending; its folder need not exist yet.

    Args:
        image: The image, or the first one.
        path: The file.
        options: Of Pillow's writer.
    """
    Image.init()
    image.save(content := BytesIO(), Image.registered_extensions()[path.suffix.lower()], **options)
    write_bytes(path, content.getvalue())


def opened(path: Path) -> Image.Image:
    """Open a picture of a run, which a stranger may have made, as what a run writes and as nothing else."""
    return Image.open(path, formats=WRITTEN)


def readable(path: Path) -> bool:
    """Whether a file holds a picture to its end; what earlier versions were killed over may be half of one."""
    try:
        with opened(path) as image:
            image.load()
    except (*DAMAGE, Image.DecompressionBombError):
        return False
    return True
