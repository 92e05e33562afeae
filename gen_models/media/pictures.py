"""Image grids, and image files."""

from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gen_models.media.audio import spectrograms
from gen_models.media.image_files import save_image
from gen_models.media.measures import GAP, LEAST
from gen_models.media.pixels import to_uint8

POINT_CELLS = 96


def columns_for(classes: int) -> int:
    """Pictures in a row, for a model that is told one of so many classes: one of each, if they are few."""
    return classes if 1 < classes <= 16 else 8


def grid(images: Tensor, columns: int = 8, gap: int = GAP) -> Tensor:
    """Lay out samples as one picture.

    Args:
        images: (N, C, H, W) with 1 or 3 channels, (N, 1, T) companded sounds, or (N, D) points with D = 1 or 2, all in
            [-1, 1].
        columns: Pictures in a row.
        gap: White pixels between pictures.

    Returns:
        (3, H', W') uint8.
    """
    if images.ndim == 2:
        return _scatter(images)
    images = spectrograms(images) if images.ndim == 3 else images
    pixels = to_uint8(images).cpu().expand(-1, 3, -1, -1)
    count, _, height, width = pixels.shape
    columns = min(columns, count)
    rows = -(-count // columns)
    canvas = torch.full((3, rows * (height + gap) + gap, columns * (width + gap) + gap), 255, dtype=torch.uint8)
    for position, picture in enumerate(pixels):
        top, left = (position // columns) * (height + gap) + gap, (position % columns) * (width + gap) + gap
        canvas[:, top : top + height, left : left + width] = picture
    return enlarged(canvas)


def scaled(images: Tensor, times: int) -> Tensor:
    """Repeat the pixels of pictures (N, C, H, W); points and sounds have none."""
    return images.repeat_interleave(times, -1).repeat_interleave(times, -2) if images.ndim == 4 else images


def enlarged(picture: Tensor, least: int = LEAST) -> Tensor:
    """Repeat pixels until the picture is at least `least` wide, so that 8x8 digits can be looked at."""
    times = -(-least // picture.shape[-1])
    return picture.repeat_interleave(times, -1).repeat_interleave(times, -2)


def _scatter(points: Tensor) -> Tensor:
    """A two-dimensional histogram of points in [-1.2, 1.2]²; one-dimensional ones stand as columns."""
    places = points.cpu().float().clamp(-1.19, 1.19).numpy()
    x = places[:, 0]
    y = places[:, 1] if points.shape[1] > 1 else np.zeros_like(x)
    counts, _, _ = np.histogram2d(-y, x, bins=POINT_CELLS, range=[[-1.2, 1.2]] * 2)
    if points.shape[1] == 1:
        heights = counts.sum(0) / counts.sum(0).max()
        counts = (np.linspace(1, 0, POINT_CELLS)[:, None] < heights).astype(float)
    shade = 255 * (1 - np.sqrt(counts / counts.max()))
    return enlarged(torch.from_numpy(shade).to(torch.uint8).expand(3, -1, -1))


def save_picture(picture: Tensor, path: Path) -> None:
    """Write a (3, H, W) uint8 picture whole, in the format of the file's ending."""
    save_image(_image(picture), path)


def encoded(picture: Tensor) -> bytes:
    """Give a (3, H, W) uint8 picture as the PNG that `save_picture` would write."""
    file = BytesIO()
    _image(picture).save(file, "PNG")
    return file.getvalue()


def _image(picture: Tensor) -> Image.Image:
    return Image.fromarray(picture.permute(1, 2, 0).contiguous().numpy())
