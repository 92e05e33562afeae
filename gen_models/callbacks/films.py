"""Films of models that draw step by step."""

from pathlib import Path

import torch
from lightning import Trainer
from PIL import Image
from torch import Tensor

from gen_models.callbacks.showing import Showing
from gen_models.core.abilities import Unfolds
from gen_models.core.model import GenerativeModel
from gen_models.loggers import log_film
from gen_models.pictures import grid, save_picture

FRAME = 120
"""Milliseconds that a frame of a film is shown."""
LAST = 1500
"""Milliseconds for the finished samples."""


class Films(Showing):
    """Shows how samples come about, every `every` turns and at the end, for models that draw in more than one step.

    `film-000500.gif` shows all samples step by step; `film-000500.png` is its contact sheet: a row for each sample, a
    column for each step. Each film starts from the same random numbers.

    Args:
        folder: Where the films go.
        every: Turns between two films.
        n: Samples in a film.
        steps: Most steps that are shown, evenly spaced; the last one always is.
    """

    def __init__(self, folder: str, every: int = 1000, n: int = 16, steps: int = 32) -> None:
        super().__init__(every)
        self.folder = Path(folder)
        self.n = n
        self.steps = steps

    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Film the drawing, unless it is done in one step."""
        if not isinstance(model, Unfolds):
            return
        with model.evaluating("film"):
            y = torch.arange(self.n) % model.classes if model.classes else None
            trajectory = model.trajectory(self.n, y)
        if len(trajectory) < 2:  # drawn at once
            return
        path = self.folder / f"film-{model.clock.turn:06d}.gif"
        sheet = write_film(trajectory, self.steps, path)
        log_film(trainer.loggers, "films", sheet, path, model.clock.turn)


def write_film(trajectory: Tensor, most: int, path: Path) -> Tensor:
    """Write at most `most` of the steps (T, n, *shape) as a GIF, beside it their contact sheet, which is given back."""
    shown = thinned(trajectory, most)
    frames = [grid(step, columns=-(-trajectory.shape[1] // 4)) for step in shown]
    sheet = contact_sheet(shown) if shown.ndim == 5 else torch.cat(frames, dim=2)
    save_picture(sheet, path.with_suffix(".png"))
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
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations, loop=0)
