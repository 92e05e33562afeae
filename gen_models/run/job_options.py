"""Options of a job that belong to no group, and what each takes."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, get_type_hints

from omegaconf import DictConfig

from gen_models.bounds import AtLeast
from gen_models.errors import UsageError, visible
from gen_models.run.arguments import unprintable
from gen_models.run.check_values import check_nothing, check_scalar
from gen_models.run.hints import options
from gen_models.run.traces import check_run_place


class Own(TypedDict):
    """Types of these options in `train.yaml`, but for the budget, which is a whole number also as 1e5."""

    seed: int
    name: str | int
    study: str | int
    run: str | int
    shuffle: bool
    log_every: int
    resume: Literal["auto", "never", "anyway"]


def check_own(cfg: DictConfig) -> None:
    """Refuse a value of the wrong type, a name that is none, a folder of runs, losses every 0 turns, half a turn.

    Raises:
        UsageError: The first of these.
    """
    for name, hint in get_type_hints(Own).items():
        if hint is int and isinstance(cfg[name], float) and cfg[name].is_integer():
            cfg[name] = int(cfg[name])  # 1e3
        if cfg[name] is None:
            check_nothing(name, list(options(hint)))
        check_scalar(name, cfg[name], list(options(hint)))
        if cfg[name] == "":
            raise UsageError(f"{name}= is empty: leave it out, or give it a name.")
        if visible(str(cfg[name])) != str(cfg[name]):
            raise UsageError(unprintable(name, cfg[name]))
    AtLeast(1).check("log_every", cfg.log_every)
    check_run_place(Path(cfg.paths.run or cfg.run))  # the first of which Hydra gives when a job begins
    whole(cfg, "turns" if cfg.get("images") is None else "images")


def check_budget(cfg: DictConfig, typed: Sequence[str]) -> None:
    """Refuse turns that were asked for where the budget is in images, of which a recipe may have brought them.

    Args:
        cfg: The composed configuration.
        typed: The options that were typed, by name.

    Raises:
        UsageError: They would be ignored.
    """
    images: Any = cfg.get("images")
    if images is not None and "turns" in typed:
        raise UsageError(
            f"turns={cfg.turns} would be ignored, since images={images} is the budget: change images=…, or say "
            f"images=null beside turns."
        )


def whole(cfg: DictConfig, name: str) -> int:
    """Give the whole number that a job's own option is, its budget as a rule.

    Raises:
        UsageError: It is none from 0 on.
    """
    value = cfg[name]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value != int(value) or value < 0:
        raise UsageError(f"{name} takes a whole number from 0 on, not '{value}'.")
    return int(value)
