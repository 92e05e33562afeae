"""What image files are before anything is made of them: sizes, modes, formats, and why some can't be read."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from gen_models.data.depth import WhiteUnknown
from gen_models.data.errors import BadImage
from gen_models.data.images import Header, header, pixels
from gen_models.data.parallel import in_parallel


class InspectedFile(NamedTuple):
    """One image file: what it says of itself, if it can, and why it can't be read; empty where it can."""

    path: Path
    header: Header | None
    reason: str


def inspected_files(files: Sequence[Path]) -> Iterator[InspectedFile]:
    """Look at image files, and decode each whole."""
    with closing(in_parallel(_look, files, "looking at images", processes=False)) as found:
        yield from found


def _look(path: Path) -> InspectedFile:
    told = None
    try:
        told = header(path)
        pixels(path, size=64)
    except WhiteUnknown:  # of more than 8 bits: it is read once the white of the whole set is known
        return InspectedFile(path, told, "")
    except BadImage as reason:
        return InspectedFile(path, told, str(reason))
    return InspectedFile(path, told, "")
