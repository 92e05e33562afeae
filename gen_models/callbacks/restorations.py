"""A picture that is being restored, turn after turn."""

from pathlib import Path

import numpy as np
import torch
from lightning import Trainer

from gen_models.analysis.subject import Subject, able
from gen_models.bounds import Natural
from gen_models.callbacks.showing import Showing
from gen_models.core.abilities.completion import HasRestorations
from gen_models.core.model import GenerativeModel
from gen_models.media.films import save_film
from gen_models.media.image_files import opened, readable
from gen_models.media.pictures import grid, save_picture
from gen_models.run.loggers import log_picture
from gen_models.run.turn_files import turn_file, turn_files

KIND = "restoration"


class Restorations(Showing):
    """Shows the clean, the observed and the restored pictures every `every` turns, and at the end a film of them.

    Models that restore nothing are left alone. The film is made of the pictures in the folder, so that it is whole
    also where the run was not.

    Args:
        folder: Where they go, as `restoration-000100.png` and `restoration.gif`.
        every: Turns between two drawings.
    """

    def __init__(self, folder: str, every: Natural = 100) -> None:
        super().__init__(every)
        self.folder = Path(folder)

    @classmethod
    def lacking(cls, subject: Subject, *, dashboards: bool) -> str:
        """Need something to restore."""
        return able(HasRestorations)(subject)

    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Draw the clean picture, what was observed, and what was made of it."""
        if not isinstance(model, HasRestorations):
            return
        pictures = list(model.restored().values())
        picture = grid(torch.stack(pictures), len(pictures))
        save_picture(picture, self.folder / turn_file(KIND, model.clock.turn, ".png"))
        log_picture(trainer.loggers, "restoration", picture, model.clock.turn)

    def on_train_end(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Draw the end, and make the film."""
        super().on_train_end(trainer, pl_module)
        if self.every:
            self.try_to(self._film, trainer, pl_module)

    def _film(self, trainer: Trainer, model: GenerativeModel) -> None:
        drawn = [file.path for file in turn_files(self.folder.glob("*.png")) if file.kind == KIND]
        paths = [path for path in drawn if readable(path)]
        if isinstance(model, HasRestorations) and paths:
            frames = [torch.from_numpy(np.array(opened(path))).permute(2, 0, 1) for path in paths]
            save_film(frames, self.folder / "restoration.gif")
