"""Animations: pictures one after another, as a GIF file and as a contact sheet."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from gen_models.media.image_files import save_image
from gen_models.media.pictures import grid, save_picture

FRAME = 120
"""Milliseconds that a frame of a film is shown."""
LAST = 1500
"""Milliseconds for the finished samples."""


def write_film(trajectory: Tensor, most: int, path: Path, sheet_path: Path) -> Tensor:
    """Write at most `most` of the steps (T, n, *shape) as a GIF, and their contact sheet, which is given back."""
    shown = thinned(trajectory, most)
    frames = [grid(step, columns=-(-trajectory.shape[1] // 4)) for step in shown]
    sheet = contact_sheet(shown) if shown.ndim == 5 else torch.cat(frames, dim=2)
    save_picture(sheet, sheet_path)
    save_film(frames, path)
    return sheet


def thinned(trajectory: Tensor, most: int) -> Tensor:
    """Keep at most `most` of the T steps (T, ...), evenly spaced, the last among them."""
    total = len(trajectory)
    count = min(most, total)
    return trajectory[[(step + 1) * total // count - 1 for step in range(count)]]


def contact_sheet(trajectory: Tensor) -> Tensor:
    """Lay out pictures (T, n, C, H, W) with a row for each sample and a column for each step."""
    return grid(trajectory.transpose(0, 1).flatten(0, 1), columns=len(trajectory))


def save_film(frames: list[Tensor], path: Path) -> None:
    """Write (3, H, W) uint8 pictures as a GIF that repeats for ever and rests on the last one."""
    images = [Image.fromarray(frame.permute(1, 2, 0).contiguous().numpy()) for frame in frames]
    durations = [FRAME] * (len(images) - 1) + [LAST]
    save_image(images[0], path, save_all=True, append_images=images[1:], duration=durations, loop=0)
