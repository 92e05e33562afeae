"""A theorem beside a training on the page: plot and figures of `experiment=theory/…`, up to the present turn."""

from collections.abc import Mapping
from typing import Any, final

from omegaconf import OmegaConf

from gen_models.core.model import GenerativeModel
from gen_models.data.source import Source
from gen_models.experiments.theory import Watch
from gen_models.explore.shown import address
from gen_models.run.conf import CONF

LOOKS = 200
"""Of a history, at most: beyond, every second one is forgotten."""


def claims() -> dict[str, str]:
    """Give the claim of each experiment of `conf/experiment/theory`, by name."""
    files = {file.stem: OmegaConf.load(file) for file in sorted((CONF / "experiment" / "theory").glob("*.yaml"))}
    return {name: OmegaConf.select(cfg, "callbacks.theory.title") for name, cfg in files.items()}


@final
class Theorem:
    """Looks at a training as its theorem does, and keeps the last picture.

    Args:
        watch: What is measured, and drawn.
    """

    def __init__(self, watch: Watch[Any]) -> None:
        self.watch = watch
        self._drawn: tuple[str, Mapping[str, float]] = "", {}

    def look(self, model: GenerativeModel, source: Source) -> tuple[str, Mapping[str, float]]:
        """Give the plot as an address, and the figures that settle the claim; anew where turns have been played."""
        looks = self.watch.looks
        if not looks or looks[-1]["turn"] != model.clock.turn:
            self.watch.note(model, source)
            if len(looks) > LOOKS:
                del looks[1:-1:2]
            picture, figures = self.watch.latest(model, source)
            self._drawn = address(picture), figures
        return self._drawn
