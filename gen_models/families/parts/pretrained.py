"""Pretrained models: those of other runs, taken by a model that learns on top of them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from omegaconf import OmegaConf
from torch import nn

from gen_models.beside import Unless
from gen_models.bounds import AtLeast
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.run.build import build_model
from gen_models.run.directory import load
from gen_models.run.reading import read_config
from gen_models.run.stored import literal

SpaceImages = Annotated[int, AtLeast(0), Unless("space")]
"""Images by which a family's own space is trained; that of another run takes its place."""


class Adopted(nn.Module, ABC):
    """Model within a model: this run's own, or another run's.

    The latter is kept whole, weights and configuration, in the checkpoints of this run, which need that run no more.

    Args:
        model: This run's own.
        shape: Of a sample.
    """

    def __init__(self, model: nn.Module, shape: Sequence[int]) -> None:
        super().__init__()
        self.model: Any = model  # with the abilities that `fit` makes sure of
        self.shape = tuple(shape)
        self._origin: dict[str, Any] = {}

    @property
    def classes(self) -> int:
        """Classes that the model is told."""
        return self.model.classes

    def adopt(self, run: str) -> None:
        """Put the model of a run into the place of this one's, with its averaged weights, frozen.

        Raises:
            UsageError: It does not fit, or has other samples.
        """
        model, cfg = load(run), read_config(Path(run))
        if tuple(cfg.spec.shape) != self.shape:
            raise UsageError(f"{run} has samples of shape {list(cfg.spec.shape)}, and these are {list(self.shape)}.")
        self.fit(run, model)
        self.model = model
        self._origin = {"model": OmegaConf.to_container(cfg.model, resolve=True), "seed": cfg.seed}

    @abstractmethod
    def fit(self, run: str, model: GenerativeModel) -> None:
        """Refuse the model of a run that is of no use, with a UsageError that says what would be."""

    def get_extra_state(self) -> dict[str, Any]:
        """The configuration of a model that came from another run; empty for this run's own."""
        return self._origin

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Build the other run's model before its weights are loaded; its stored configuration may be a stranger's."""
        if state:
            model = build_model(OmegaConf.create({**literal(state), "plugins": []}))
            model.adopt_averages()
            self.model = model.eval().requires_grad_(False)
            self._origin = state
