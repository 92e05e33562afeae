"""Many samples as files: pictures in a folder, an array for other tools, or one picture of them all."""

import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, cast
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gen_models.files import write_whole
from gen_models.media.pictures import grid, save_picture, scaled
from gen_models.media.pixels import as_array

ARRAY = ".npz"
NUMBERED = re.compile(r"\d{6,}\.png")
"""The pictures of a folder, by their numbers from 0."""


def save_samples(drawn: Iterable[Tensor], n: int, y: Tensor | None, path: Path, columns: int, scale: int) -> None:
    """Write samples, a part at a time, in the form that the path's ending asks for.

    Args:
        drawn: Parts of the samples, (block, *shape) in [-1, 1].
        n: How many there are in all.
        y: Their classes (n,), if they have any.
        path: A folder takes a picture for each sample, an array (.npz) all of them, and a picture shows them all.
        columns: Pictures in a row of that.
        scale: Times that pixels of pictures are repeated.
    """
    drawn = iter(drawn)
    drawn = chain([next(drawn)], drawn)  # a class that the model can't make is refused here, before anything is written
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ARRAY:
        write_whole(path, lambda file: _write_array(drawn, n, y, cast(IO[bytes], file)))
    elif path.suffix:
        save_picture(grid(scaled(torch.cat(list(drawn)), scale), columns), path)
    else:
        _fill(path, drawn, scale)


def _fill(folder: Path, drawn: Iterable[Tensor], scale: int) -> None:
    """Write a PNG for each sample; once all are drawn, they take the place of those of an earlier drawing."""
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix=".", suffix=".tmp", dir=folder) as place:
        number = 0
        for part in drawn:
            for pixels in as_array(scaled(part, scale)):
                picture = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
                picture.save(Path(place) / f"{number:06d}.png")
                number += 1
        for path in folder.iterdir():
            if NUMBERED.fullmatch(path.name):
                path.unlink()
        for path in Path(place).iterdir():
            path.rename(folder / path.name)


def _write_array(drawn: Iterable[Tensor], n: int, y: Tensor | None, file: IO[bytes]) -> None:
    """Write `arr_0`, of pictures (n, H, W, 3) uint8, and `arr_1`, the classes (n,): the form of guided-diffusion's FID.

    https://github.com/openai/guided-diffusion/tree/main/evaluations. NumPy writes whole arrays; this holds one part.
    """
    with ZipFile(file, "w", ZIP_STORED) as archive:
        with archive.open("arr_0.npy", "w", force_zip64=True) as entry:
            for number, part in enumerate(drawn):
                array = as_array(part.expand(-1, 3, -1, -1) if part.ndim == 4 and part.shape[1] == 1 else part)
                if not number:
                    np.lib.format.write_array_header_1_0(entry, _header(array, n))
                entry.write(np.ascontiguousarray(array).data)
        if y is not None:
            with archive.open("arr_1.npy", "w") as entry:
                np.lib.format.write_array(entry, y.numpy())


def _header(part: np.ndarray, n: int) -> dict[str, Any]:
    shape = (n, *part.shape[1:])
    return {"descr": np.lib.format.dtype_to_descr(part.dtype), "fortran_order": False, "shape": shape}
