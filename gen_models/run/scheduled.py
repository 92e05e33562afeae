"""Numbers that a schedule takes the place of: typed beside it, they would be ignored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gen_models.errors import UsageError
from gen_models.run.former import current
from gen_models.run.typed_names import TypedNames

OPTIONS = {"averaging": "average"}
"""Parts of a model that schedules know by another name than its options have."""


def check_scheduled(cfg: DictConfig, words: Mapping[str, str], read: set[str], plugins: Sequence[str]) -> None:
    """Refuse a number that was typed and that a schedule of values replaces, unless the schedule refers to it.

    Args:
        cfg: The composed configuration, with its interpolations.
        words: What was typed, by the option that it sets.
        read: Paths that schedules refer to.
        plugins: Packages whose schedules may be named.

    Raises:
        UsageError: The first of them.
    """
    names = TypedNames(cfg)
    for path, schedule in (OmegaConf.select(cfg, "model.schedules") or {}).items():
        for option in map(names.__getitem__, _options(cfg, str(path))):
            if option in words and option not in read and _replaces(schedule, plugins):
                raise UsageError(
                    f"{words[option]} would be without effect, since model.schedules has '{path}', which says what it "
                    "is at each time: change that, or leave it out."
                )


def _options(cfg: DictConfig, path: str) -> Iterator[str]:
    """The options of a model that a schedule's path may mean: see `gen_models.core.targets`."""
    for player in OmegaConf.select(cfg, "model.optimizers") or ():
        yield f"model.optimizers.{player}.{path.removeprefix(f'{player}.')}"
    part, dot, rest = path.partition(".")
    yield f"model.{OPTIONS.get(part, part)}{dot}{rest}"


def _replaces(schedule: Any, plugins: Sequence[str]) -> bool:
    """Whether what is configured counts no more."""
    from gen_models.core.schedules import Value
    from gen_models.run.targets import resolve  # imports torch, for which the other refusals don't wait

    named = isinstance(schedule, DictConfig) and "_target_" in schedule
    return named and issubclass(resolve(current(schedule["_target_"]), plugins), Value)
