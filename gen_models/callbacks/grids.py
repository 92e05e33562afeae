"""Pictures (and sounds) of what a model draws, from the same latents throughout the run."""

from pathlib import Path
from typing import Annotated

import torch
from lightning import Trainer
from torch import Tensor

from gen_models.analysis.effort import iterates
from gen_models.analysis.restore import reconstructions
from gen_models.analysis.sampling import in_turn
from gen_models.bounds import AtLeast, Natural, Positive
from gen_models.callbacks.showing import Showing
from gen_models.callbacks.statistics import Spread, draw, spread
from gen_models.core.abilities.codes import Reconstructs
from gen_models.core.contract import check_samples
from gen_models.core.model import GenerativeModel
from gen_models.media.audio import Sounds, joined, save_sound
from gen_models.media.image_files import readable
from gen_models.media.pictures import columns_for, grid, save_picture
from gen_models.run.loggers import log_picture, log_sound
from gen_models.run.turn_files import turn_file

REAL = "real-000000.png"
"""Training items, to stand beside samples."""


class SampleGrids(Showing):
    """Draws `n` samples every `every` turns and at the end, and reconstructions below their held-out originals.

    Originals and reconstructions are as many as samples; a row of each of a model that iterates, to save time.
    Each drawing starts from the same random numbers, so that grids of different turns show the same latents; a
    conditional model shows one class a column.

    Args:
        folder: Where they go, as `turn-000500.png`, `reconstructions-000500.png` and `turn-000500.wav`; beside them
            as many training items, as `real-000000.png`.
        every: Turns between two drawings.
        n: Samples in a grid.
        columns: Pictures in a row; by default 8, or one of each class.
    """

    def __init__(
        self,
        folder: str,
        every: Natural = 500,
        n: Positive = 64,
        columns: Annotated[int | None, AtLeast(1)] = None,
    ) -> None:
        super().__init__(every)
        self.folder = Path(folder)
        self.n = n
        self.columns = columns
        self._spread: tuple[int, Spread] | None = None

    def spread(self, trainer: Trainer, model: GenerativeModel, *, last: bool = False) -> Spread | None:
        """How much the samples differ that are drawn after this turn, or at the end, on the first rank.

        Whoever asks first lets them be drawn, so that nothing depends on the order in which callbacks stand. None
        where none are drawn, or where that failed.
        """
        (self.on_train_end if last else self.on_train_batch_end)(trainer, model)
        return self._spread[1] if self._spread is not None and self._spread[0] == model.clock.turn else None

    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Draw the grid, and reconstructions if there are any, unless they were drawn after this turn."""
        turn = model.clock.turn
        if self._spread is not None and self._spread[0] == turn:
            return
        with model.evaluating("grid"):
            columns = self.columns or columns_for(model.classes)
            classes = in_turn(model, torch.arange(self.n) % columns)
            samples = model.sample(self.n, classes)
            check_samples(samples, self.n, trainer.datamodule.source.spec)
            self._spread = turn, spread(samples)
            self._keep(trainer, "samples", turn_file("turn", turn, ".png"), samples, turn, columns)
            if not readable(self.folder / REAL):
                save_picture(grid(draw(trainer.datamodule.source.reference, self.n), columns), self.folder / REAL)
            if isinstance(trainer.datamodule.source, Sounds):
                self._play(trainer, samples, trainer.datamodule.source.rate, turn)
            items = trainer.datamodule.source.watched
            if isinstance(model, Reconstructs) and len(items):
                columns = self.columns or columns_for(0)
                count = columns if iterates(model) else max(1, self.n // 2)
                rows = reconstructions(model, items, count, columns)
                file = turn_file("reconstructions", turn, ".png")
                self._keep(trainer, "reconstructions", file, rows.flatten(0, 1), turn, rows.shape[1])

    def _keep(self, trainer: Trainer, name: str, file: str, images: Tensor, turn: int, columns: int) -> None:
        picture = grid(images, columns)
        save_picture(picture, self.folder / file)
        log_picture(trainer.loggers, name, picture, turn)

    def _play(self, trainer: Trainer, sounds: Tensor, rate: int, turn: int) -> None:
        samples, path = joined(sounds, rate), self.folder / turn_file("turn", turn, ".wav")
        save_sound(samples, rate, path)
        log_sound(trainer.loggers, "sounds", samples, rate, path, turn)


def sample_grids(trainer: Trainer) -> list[SampleGrids]:
    """The callbacks that draw grids of samples."""
    return [callback for callback in trainer.callbacks if isinstance(callback, SampleGrids)]
