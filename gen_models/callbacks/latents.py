"""Maps of the codes of held-out items during training."""

from pathlib import Path

from lightning import Trainer

from gen_models.analysis.codes import codes_of
from gen_models.analysis.effort import affordable
from gen_models.analysis.maps import code_map
from gen_models.analysis.subject import Subject, able
from gen_models.bounds import Natural, Positive
from gen_models.callbacks.showing import Showing
from gen_models.core.abilities.codes import Encodes
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import classes_of
from gen_models.media.pictures import save_picture
from gen_models.run.loggers import log_picture
from gen_models.run.turn_files import turn_file


class LatentMaps(Showing):
    """Draws the codes of held-out items, coloured by class, every `every` turns and at the end.

    Codes of more than two dimensions are shown along their first two principal components. Models without codes are
    left alone.

    Args:
        folder: Where the pictures go, as `latents-000500.png`.
        every: Turns between two drawings.
        n: Held-out items; a model that iterates is asked about fewer.
    """

    def __init__(self, folder: str, every: Natural = 1000, n: Positive = 1000) -> None:
        super().__init__(every)
        self.folder = Path(folder)
        self.n = n

    @classmethod
    def lacking(cls, subject: Subject, *, dashboards: bool) -> str:
        """Need codes, and items to encode."""
        return able(Encodes)(subject) or ("" if len(subject.source.watched) else "held-out items")

    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Draw the map."""
        turn, items = model.clock.turn, trainer.datamodule.source.watched
        if not isinstance(model, Encodes) or not len(items):
            return
        with model.evaluating("latents"):
            codes = codes_of(model, items, affordable(model, self.n))
        sets = {f"{len(codes)} held-out items": (codes, classes_of(items, len(codes)))}
        picture = code_map(sets, f"Codes after turn {turn}")
        save_picture(picture, self.folder / turn_file("latents", turn, ".png"))
        log_picture(trainer.loggers, "latents", picture, turn)
