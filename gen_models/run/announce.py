"""What a person is told while a run goes on: one line at its start, and that it is being measured."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from lightning import Trainer
from lightning.pytorch.utilities import rank_zero_only
from omegaconf import DictConfig
from rich.console import Console

from gen_models.core.model import GenerativeModel
from gen_models.core.signals import Interrupted
from gen_models.run.command import going_on

MOMENT = 1.0
"""Seconds that nobody has to be told of."""
PEEKING = (
    "the data has no validation items: figures in training, and the best checkpoint, look at the test items, where "
    "what is chosen by them is flattered; hold some out by data.validation_fraction or data.validation_count"
)
"""Said where that is so."""
NAMES = {1: "points", 3: "pictures"}
"""What items of so many axes are called."""


@rank_zero_only
def told(line: str) -> None:
    """Print a line at once, on the first rank."""
    print(line, flush=True)


def start_line(cfg: DictConfig, model: GenerativeModel, trainer: Trainer) -> str:
    """What is about to be trained, on what, where, and in which directory, in a line.

    Such as `cgan on digits: 1,197 pictures 1 × 8 × 8 of 10 classes (validation 300, test 300), 1.1 M parameters,
    cpu, 32-true → …`.
    """
    shape: Sequence[int] = cfg.spec.shape
    held = f"validation {cfg.spec.num_validation:,}, test {cfg.spec.num_test:,}"
    classes = f" of {cfg.spec.num_classes:,} classes" if cfg.spec.num_classes else ""
    name = NAMES.get(len(shape), "items")
    name = name.removesuffix("s") if cfg.spec.num_train == 1 else name
    items = f"{cfg.spec.num_train:,} {name} {' × '.join(map(str, shape))}{classes} ({held})"
    size = counted(sum(parameter.numel() for parameter in model.parameters()))
    device, devices = trainer.strategy.root_device.type, trainer.world_size
    place = device if devices == 1 else f"{devices} × {device}"
    return f"{_name(cfg)}: {items}, {size} parameters, {place}, {model.precision} → {_near(Path(cfg.paths.run))}"


def counted(number: float) -> str:
    """A number to two digits or three: 950, 12.3 k, 1.1 M, 2 G."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= unit:
            return f"{number / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{number:g}"


@contextmanager
def measuring(console: Console | None = None) -> Iterator[None]:
    """Say on a terminal that figures are being taken, where that lasts longer than a moment."""
    console = console or Console(stderr=True)
    timer = Timer(MOMENT, lambda: console.print("measuring …"))
    timer.daemon = True
    if console.is_terminal:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def saying_how_to_go_on(run: Path, say: Callable[[str], object]) -> Iterator[None]:
    """Say how a run goes on that is asked to end while it measures, after all of its turns."""
    try:
        yield
    except (KeyboardInterrupt, Interrupted):
        say(f"Stopped while measuring; all turns are saved. {going_on(run)}")
        raise


def _name(cfg: DictConfig) -> str:
    return f"{cfg.choices.model} on {cfg.choices.data}"


def _near(run: Path) -> Path:
    """The directory as one would type it here."""
    here = Path.cwd()
    return run.relative_to(here) if run.is_relative_to(here) else run
