"""Maps of the codes of held-out items during training."""

from pathlib import Path
from typing import Any

from lightning import Callback, Trainer

from gen_models.analysis.codes import codes_of
from gen_models.analysis.maps import code_map
from gen_models.core.abilities import Encodes
from gen_models.core.model import GenerativeModel
from gen_models.items import classes_of
from gen_models.loggers import log_picture
from gen_models.pictures import save_picture


class LatentMaps(Callback):
    """Draws the codes of held-out items, coloured by class, every `every` turns and at the end.

    Codes of more than two dimensions are shown along their first two principal components. Models without codes are
    left alone.

    Args:
        folder: Where the pictures go, as `latents-000500.png`.
        every: Turns between two drawings.
        n: Held-out items.
    """

    def __init__(self, folder: str, every: int = 1000, n: int = 1000) -> None:
        self.folder = Path(folder)
        self.every = every
        self.n = n

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Draw if it is time to."""
        if pl_module.clock.turn % self.every == 0:
            self._draw(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Draw the last map, unless the last turn has just drawn it."""
        if pl_module.clock.turn % self.every:
            self._draw(trainer, pl_module)

    def _draw(self, trainer: Trainer, model: GenerativeModel) -> None:
        if not trainer.is_global_zero or not isinstance(model, Encodes):
            return
        turn, items = model.clock.turn, trainer.datamodule.source.test
        with model.evaluating("latents"):
            codes = codes_of(model, items, self.n)
        sets = {f"{len(codes)} held-out items": (codes, classes_of(items, self.n))}
        picture = code_map(sets, f"Codes after turn {turn}")
        save_picture(picture, self.folder / f"latents-{turn:06d}.png")
        log_picture(trainer.loggers, "latents", picture, turn)
