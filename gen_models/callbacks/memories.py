"""What a model remembers of its training items, during the training."""

from pathlib import Path
from typing import Any

from lightning import Trainer

from gen_models.analysis.memory import memory, recalled
from gen_models.analysis.subject import Subject, able
from gen_models.bounds import Natural, Positive
from gen_models.callbacks.showing import Showing
from gen_models.core.abilities.codes import HasItemLatents
from gen_models.core.clock import is_time
from gen_models.core.model import GenerativeModel
from gen_models.media.pictures import grid, save_picture
from gen_models.run.loggers import log_picture
from gen_models.run.turn_files import turn_file


class Memories(Showing):
    """Draws training items from their latents before the first turn, every `every` turns and at the end.

    Models without a latent for each item are left alone. `memories-000100.png` shows the first items in their order,
    `originals.png` what they should be; the mean PSNR goes to the dashboards as `memory/psnr`, and that of items drawn
    one by one, as samples are, as `memory/psnr_alone`.

    Args:
        folder: Where the pictures go.
        every: Turns between two drawings.
        n: Items in a picture.
        columns: Pictures in a row.
    """

    def __init__(self, folder: str, every: Natural = 200, n: Positive = 64, columns: Positive = 8) -> None:
        super().__init__(every)
        self.folder = Path(folder)
        self.n = n
        self.columns = columns

    @classmethod
    def lacking(cls, subject: Subject, *, dashboards: bool) -> str:
        """Need latents of items."""
        return able(HasItemLatents)(subject)

    def on_train_start(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Draw what the untrained model shows."""
        if pl_module.clock.turn == 0 and self.every:
            self.try_to(self.show, trainer, pl_module)

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Draw some and measure all, if it is time to; in the end the evaluation measures them."""
        super().on_train_batch_end(trainer, pl_module)
        if is_time(pl_module.clock.turn, self.every):
            self.try_to(self._measure, trainer, pl_module)

    def _measure(self, trainer: Trainer, model: GenerativeModel) -> None:
        if not isinstance(model, HasItemLatents):
            return
        source = trainer.datamodule.source
        with model.evaluating("memories"):
            together, alone = memory(model, source.train, source.batch_size, model.device)
        model.report_now({"memory/psnr": together.value, "memory/psnr_alone": alone.value})

    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Draw the items."""
        if not isinstance(model, HasItemLatents):
            return
        turn, source = model.clock.turn, trainer.datamodule.source
        with model.evaluating("memories"):
            originals, drawn = recalled(model, source.train, self.n, source.batch_size, model.device)
        if turn == 0:
            save_picture(grid(originals, self.columns), self.folder / "originals.png")
        picture = grid(drawn, self.columns)
        save_picture(picture, self.folder / turn_file("memories", turn, ".png"))
        log_picture(trainer.loggers, "memories", picture, turn)
