"""A picture that is being restored, turn after turn."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning import Callback, Trainer
from PIL import Image

from gen_models.callbacks.films import save_film
from gen_models.core.abilities import Restores
from gen_models.core.model import GenerativeModel
from gen_models.loggers import log_picture
from gen_models.pictures import grid, save_picture


class Restorations(Callback):
    """Shows the clean, the observed and the restored pictures every `every` turns, and at the end a film of them.

    Models that restore nothing are left alone. The film is made of the pictures in the folder, so that it is whole
    also where the run was not.

    Args:
        folder: Where they go, as `restoration-000100.png` and `restoration.gif`.
        every: Turns between two drawings.
    """

    def __init__(self, folder: str, every: int = 100) -> None:
        self.folder = Path(folder)
        self.every = every

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Draw if it is time to."""
        if isinstance(pl_module, Restores) and trainer.is_global_zero and pl_module.clock.turn % self.every == 0:
            pictures = list(pl_module.restored().values())
            picture = grid(torch.stack(pictures), len(pictures))
            save_picture(picture, self.folder / f"restoration-{pl_module.clock.turn:06d}.png")
            log_picture(trainer.loggers, "restoration", picture, pl_module.clock.turn)

    def on_train_end(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Make the film."""
        paths = sorted(self.folder.glob("restoration-*.png"))
        if isinstance(pl_module, Restores) and trainer.is_global_zero and paths:
            frames = [torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1) for path in paths]
            save_film(frames, self.folder / "restoration.gif")
