"""Image files: written whole, and looked at before they are shown."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from gen_models.files import write_bytes


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


def readable(path: Path) -> bool:
    """Whether a file holds an image to its end; what earlier versions were killed over may be half of one."""
    try:
        with Image.open(path) as image:
            image.load()
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return False
    return True
