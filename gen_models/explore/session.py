"""The runs that the page shows, each opened when it is first asked for."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from json import dumps
from pathlib import Path
from typing import final

from omegaconf import DictConfig
from torch import Tensor

from gen_models.analysis.steer import Steering
from gen_models.analysis.ways import Way
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import gathered, some
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.explore.uploads import Uploads
from gen_models.run.build import data_of_run
from gen_models.run.directory import load
from gen_models.run.reading import read_whole_config

WAYS = 3
"""Copies of a model that are kept, sampled in other ways than its own: truncation takes its time."""
SEARCHED = 20_000
"""Training items among which a sample's nearest is looked for."""


@dataclass(frozen=True)
class Opening:
    """How runs are opened: see `gen_models.load`."""

    averaged: bool = True
    checkpoint: str = "newest"
    device: str = "cpu"
    plugins: tuple[str, ...] = ()

    @property
    def words(self) -> Iterator[str]:
        """The options of a command that opens a run likewise."""
        if not self.averaged:
            yield "--no-averaged"
        for name, value in (("--checkpoint", self.checkpoint), ("--device", self.device)):
            if value != vars(Opening())[name[2:]]:
                yield from (name, value)
        for plugin in self.plugins:
            yield from ("--plugins", plugin)


@final
class Variant:
    """The model of a run in one way of sampling.

    Args:
        opened: The run.
        model: The model, as it samples then.
    """

    def __init__(self, opened: "Opened", model: GenerativeModel) -> None:
        self.opened, self.model = opened, model
        self.drawn: dict[str, Tensor] = {}  # the samples that were drawn last, by what was asked

    @cached_property
    def steering(self) -> Steering:
        """Its latent space, whose directions are found once.

        Raises:
            UsageError: It has none.
        """
        return Steering(self.model)


@final
class Opened:
    """A run: its configuration, its model in several ways of sampling, its data.

    Args:
        path: The directory.
        opening: How its model is loaded.
        uploads: Pictures that were brought, to whichever run.
    """

    def __init__(self, path: Path, opening: Opening, uploads: Uploads) -> None:
        self.path, self.opening, self.uploads = path, opening, uploads
        self._variants: OrderedDict[str, Variant] = OrderedDict()

    @cached_property
    def config(self) -> DictConfig:
        """What the run was started with."""
        cfg = read_whole_config(self.path)
        cfg.plugins = list(self.opening.plugins)
        return cfg

    @cached_property
    def own(self) -> Variant:
        """The model, sampled in its own way."""
        how = self.opening
        model = load(
            self.path, averaged=how.averaged, checkpoint=how.checkpoint, device=how.device, plugins=how.plugins
        )
        return Variant(self, model)

    def variant(self, way: Way) -> Variant:
        """Give the model, sampled in a way: a copy where that is not its own.

        Raises:
            UsageError: It can't be sampled so.
        """
        if not way.protocol:
            return self.own
        key = dumps(way.protocol, sort_keys=True)
        if key not in self._variants:
            copy = deepcopy(self.own.model)
            way.take(copy)
            self._variants[key] = Variant(self, copy)
        self._variants.move_to_end(key)
        while len(self._variants) > WAYS:
            self._variants.popitem(last=False)
        return self._variants[key]

    @cached_property
    def source(self) -> Source:
        """The run's data.

        Raises:
            UsageError: They are not at hand.
        """
        return data_of_run(self.config)

    @cached_property
    def searched(self) -> Tensor:
        """Training items (N, *shape) in [-1, 1], among which neighbours are looked for."""
        return gathered(self.source.reference, some(self.source.reference, SEARCHED))[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a sample."""
        return tuple(self.config.spec.shape)


@final
class Session:
    """What one server shows.

    Args:
        paths: Run directories.
        opening: How they are opened.
    """

    def __init__(self, paths: Sequence[Path], opening: Opening) -> None:
        uploads = Uploads()
        self.runs = [Opened(path, opening, uploads) for path in paths]

    def run(self, number: int) -> Opened:
        """Give a run by its place in the list.

        Raises:
            UsageError: There is none.
        """
        if not 0 <= number < len(self.runs):
            raise UsageError(f"there is no run {number}: the page shows {len(self.runs)}; load it again.")
        return self.runs[number]
