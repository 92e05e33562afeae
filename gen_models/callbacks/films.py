"""Films of models that draw step by step."""

from pathlib import Path

import torch
from lightning import Trainer

from gen_models.analysis.subject import Subject, said
from gen_models.bounds import Natural, Positive
from gen_models.callbacks.showing import Showing
from gen_models.core.abilities.sampling import HasTrajectory, draws_in_steps
from gen_models.core.model import GenerativeModel
from gen_models.media.films import write_film
from gen_models.run.loggers import log_film
from gen_models.run.turn_files import turn_file


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

    def __init__(self, folder: str, every: Natural = 1000, n: Positive = 16, steps: Positive = 32) -> None:
        super().__init__(every)
        self.folder = Path(folder)
        self.n = n
        self.steps = steps

    @classmethod
    def lacking(cls, subject: Subject, *, dashboards: bool) -> str:
        """Need more than one step."""
        return "" if draws_in_steps(subject.model) else said(HasTrajectory)

    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Film the drawing, unless it is done in one step."""
        if not draws_in_steps(model):
            return
        with model.evaluating("film"):
            y = torch.arange(self.n) % model.classes if model.classes else None
            trajectory = model.trajectory(self.n, y)
        if len(trajectory) < 2:  # of a network that has not grown yet
            return
        path = self.folder / turn_file("film", model.clock.turn, ".gif")
        sheet = write_film(trajectory, self.steps, path, path.with_suffix(".png"))
        log_film(trainer.loggers, "films", sheet, path, model.clock.turn)
