"""Whether another run's model fits the data of this one: what it was told, and what it was shown."""

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.run.exported import stored_config
from gen_models.run.reading import read_config


def check_told(run: str, classes: int, source: Source) -> None:
    """Refuse a run whose model is told the class, and learned other classes than those that it would now be told.

    Args:
        run: Directory of the run, or an exported file.
        classes: How many its model is told.
        source: The data, which tell it theirs.

    Raises:
        UsageError: Naming the first that differ; runs of early versions did not know the names.
    """
    learned: Sequence[str] | None = _spec(run, "class_names")
    if not classes or learned is None:
        return
    pairs = zip_longest(map(str, learned), map(str, source.class_names))
    if differing := next(((y, *pair) for y, pair in enumerate(pairs) if pair[0] != pair[1]), None):
        y, theirs, ours = (differing[0], *("missing" if name is None else f"'{name}'" for name in differing[1:]))
        raise UsageError(
            f"{run} has learned other classes than those of the data: class {y} is {theirs} there, and {ours} here: "
            "choose a run on data with the same classes, or one that is told none."
        )


def check_shown(run: str, source: Source) -> None:
    """Refuse a run whose model learned items of another shape or of other levels.

    Args:
        run: Directory of the run, or an exported file.
        source: The data, whose items its model would see now.

    Raises:
        UsageError: Naming what differs.
    """
    for name, words in (("shape", "shape"), ("levels", "levels of a pixel")):
        theirs, ours = _spec(run, name), source.spec[name]
        if theirs is not None and theirs != ours:
            raise UsageError(
                f"{run} has learned other data than these: {words} {theirs} there, and {ours} here: choose a run on "
                "the same data."
            )


def _spec(run: str, name: str) -> Any:
    """What a run noted of its data; None where it did not."""
    cfg = stored_config(Path(run)) if Path(run).is_file() else read_config(Path(run))
    found = OmegaConf.select(cfg, f"spec.{name}", default=None)
    return OmegaConf.to_container(found) if OmegaConf.is_config(found) else found
