"""What several commands are told: aliases for single options, and the run that a command opens, which is many."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import typer

from gen_models.cli.outputs import say
from gen_models.errors import UsageError, visible

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import Tensor

    from gen_models import GenerativeModel
    from gen_models.analysis.ways import Way
    from gen_models.data.source import Source
    from gen_models.metrics.record import Record


def usable(device: str) -> str:
    """Refuse a device that torch does not see, before any work; torch is not imported for the default."""
    if device != "cpu":
        from gen_models.run.accelerators import usable_device

        usable_device(device)
    return device


def importable(plugins: list[str] | None) -> list[str] | None:
    """Refuse plug-ins that Python does not find, before any work."""
    if plugins:
        from gen_models.run.plugins import allowed

        allowed(plugins)
    return plugins


Device = Annotated[str, typer.Option(callback=usable, help="cpu, cuda, cuda:1, mps, …")]
Plugins = Annotated[
    list[str] | None,
    typer.Option(
        callback=importable,
        help="Package that the run's configuration may name beside this project; give it again for several.",
    ),
]
Seed = Annotated[int, typer.Option(help="Same seed, same random numbers.")]
BY_NAME = "by its name, or by its number where no class is called so"
"""How `Trained.classes` reads a class, in words."""
OneClass = Annotated[str | None, typer.Option("--class", help=f"Class to draw, {BY_NAME}; all in turn by default.")]
Truncation = Annotated[float | None, typer.Option(help="Largest latent, with standing statistics (BigGAN): 0.5, 1, …")]


def finite(word: str) -> float | None:
    """Read a number; None of what is none, or not finite."""
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


RUN = "Run directory. A folder of runs, or last: the only one in it, or the newest finished one."


def spoken(run: Path) -> Path:
    """Give the run directory that is meant; where it was not named itself, it is said which one it is.

    Raises:
        UsageError: There is none.
    """
    from gen_models.run.reading import check_run, meant

    path = meant(run)
    if path.is_file():
        _check_exported(path)
    else:
        check_run(path)
    if path != run:
        say(f"run {visible(str(path))}", err=True)
    return path


def _check_exported(file: Path) -> None:
    from gen_models.run.reading import EXPORTED

    if file.suffix != EXPORTED:
        raise UsageError(
            f"{file} is no run directory: name one, or a file ({EXPORTED}) that gen-models export has written."
        )


def named(runs: Sequence[Path]) -> list[Path]:
    """Give run directories and folders as they were named, but the run that `last` means."""
    from gen_models.run.reading import LAST

    return [spoken(run) if run == LAST else run for run in runs]


class Opens(Protocol):
    """What a command does with the run, or the exported file, that it opens, whatever it does besides."""

    run: Path
    plugins: list[str] | None

    def __post_init__(self) -> None:
        """Refuse what is no run before the command begins, and so before it imports torch."""
        _ = self.path

    @cached_property
    def path(self) -> Path:
        """The run directory; where it was not named itself, it is said which one it is."""
        return spoken(self.run)

    def config(self) -> "DictConfig":
        """Read the configuration, with the plug-ins that it may name."""
        from gen_models.run.exported import stored_config
        from gen_models.run.reading import read_whole_config

        cfg = stored_config(self.path) if self.path.is_file() else read_whole_config(self.path)
        cfg.plugins = list(self.plugins or ())
        return cfg

    def data(self) -> "Source":
        """Open the run's data.

        Raises:
            UsageError: It is an exported file, which tells nothing of data.
        """
        from gen_models.run.build import data_of_run

        if self.path.is_file():
            raise UsageError(f"{self.path} holds a model, and not where its data lay: name the run itself.")
        return data_of_run(self.config())


@dataclass(frozen=True)
class Opened(Opens):
    """Which run a command opens that asks no model: each field is an option of the command."""

    run: Annotated[Path, typer.Argument(help=RUN)]
    plugins: Plugins = None


@dataclass(frozen=True)
class Trained(Opens):
    """Which run a command opens, and how its model is loaded and sampled: each field is an option of the command."""

    run: Annotated[Path, typer.Argument(help=RUN)]
    averaged: Annotated[bool, typer.Option(help="Use averaged weights where the run has them.")] = True
    checkpoint: Annotated[Literal["newest", "best"], typer.Option(help="Of the run.")] = "newest"
    device: Device = "cpu"
    plugins: Plugins = None
    way: Annotated[
        list[str] | None, typer.Option(help="Other settings of its sampling: steps=10,solver=heun, temperature=0.7, …")
    ] = None

    def model(self, truncation: float | None = None) -> "GenerativeModel":
        """Rebuild the run's model, sampled in the way that is asked for, and truncated if that is."""
        from gen_models import load

        way, plugins = self.sampling(truncation), tuple(self.plugins or ())
        model = load(self.path, averaged=self.averaged, checkpoint=self.checkpoint, device=self.device, plugins=plugins)
        way.take(model)
        return model

    def sampling(self, truncation: float | None = None) -> "Way":
        """Read the way of sampling that is asked for."""
        from gen_models.analysis.ways import Way, read_settings

        return Way(truncation, read_settings(self.way or ()))

    def classes(self, model: "GenerativeModel", n: int, class_: str | None) -> "Tensor | None":
        """Give the class (n,) that is asked for, by its name or its number; None where none is.

        Raises:
            UsageError: There is none of that name.
        """
        from gen_models.analysis.classes import class_names, wanted

        return wanted(model, n, class_, class_names(self.config()))

    def store(self, model: "GenerativeModel", records: "Sequence[Record]", kind: str) -> Path:
        """Write the figures of one kind of analysis beside the run, under those of another way, and say where."""
        from gen_models.analysis.ways import marked
        from gen_models.files import inside
        from gen_models.metrics.records import add_records
        from gen_models.run.turn_files import turn_file

        name = turn_file("turn", model.clock.turn, ".json", kind)
        records = marked(records, model, {}, averaged=self.averaged)
        return add_records(records, inside(self.path, "evaluation", name))
