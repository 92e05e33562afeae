"""Scalars and objects that do not fit their parameters: the sentences."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_origin

from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from gen_models.bounds import Bound
from gen_models.errors import UsageError, nearest
from gen_models.run.former import current
from gen_models.run.hints import LISTS, gathers, is_object, places, takes

SCALARS = (int, float, bool, str)


def check_scalar(path: str, value: Any, options: Sequence[Any]) -> None:
    """Refuse a scalar that a parameter does not take, or one in the place of a list or of an object.

    Raises:
        UsageError: What the parameter takes instead.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{path} takes no {value}: give a finite number, or leave it out.")
    if _is_written(options):
        if not _is_one_of(value, options):
            words = [option for option in options if isinstance(option, str)]
            names = [*words, *(option.__name__ for option in options if option in SCALARS)]
            raise UsageError(f"{path} takes {' or '.join(map(str, names))}, not '{value}'.")
    elif any((get_origin(option) or option) in LISTS for option in options):
        raise UsageError(f"{path} takes a list, such as [{value}], not '{value}'.")
    elif any(is_object(option) or get_origin(option) is Mapping for option in options):
        raise UsageError(f"{path} takes objects of a config, not '{value}': choose a file of its group.")


def check_bound(path: str, value: Any, remarks: Sequence[Any]) -> None:
    """Refuse a number that its parameter does not take, by what `hints.remarks` says of it."""
    for bound in remarks:
        if isinstance(bound, Bound) and isinstance(value, int | float):
            bound.check(path, value)


def check_nothing(path: str, options: Sequence[Any]) -> None:
    """Refuse `null` for what can't be left out.

    Raises:
        UsageError: What the parameter takes instead.
    """
    if not any(option in (type(None), Any, object) or isinstance(option, TypeVar) for option in options):
        raise UsageError(f"{path} takes {_names(options)}, not null.")


def check_gathered(path: str, value: Any, options: Sequence[Any], beside: Iterable[str] = ()) -> None:
    """Refuse a plain dictionary or list where only an object, or something else that can be written, will do.

    Args:
        path: Where it stands.
        value: The dictionary or list.
        options: What the parameter takes.
        beside: Names of parts beside it, one of which may have been meant.

    Raises:
        UsageError: What the parameter takes instead.
    """
    if any(gathers(option, type(value)) for option in options):
        if isinstance(value, list) and (count := places(options)) not in (None, len(value)):
            raise UsageError(f"{path} takes a list of {count}, and {value} has {len(value)}.")
        return
    what = "a list" if isinstance(value, list) else "options without a _target_"
    name, known = path.rpartition(".")[2], list(beside)
    hint = nearest(name, known) if known else "choose a file of its group, or name a class."
    scalar = all(option in SCALARS for option in options if option is not type(None))
    raise UsageError(f"{path} takes {_names(options)}, not {what}{'.' if scalar else f': {hint}'}")


def unfitting(path: str, found: type, options: Sequence[Any]) -> str:
    """The sentence on an object of the wrong class, with the files of its group that fit."""
    owner, _, group = path.rpartition(".")
    fitting = [name for name, other in _group(group) if any(takes(option, other, partial=False) for option in options)]
    choices: Any = HydraConfig.get().runtime.choices if HydraConfig.initialized() else {}
    if fitting and owner in choices:
        chosen = choices.get(group, found.__name__)
        return f"{owner}={choices[owner]} does not take {group}={chosen}: it takes {group}={', '.join(fitting)}."
    return f"{path} takes {_names(options)}, not a {found.__name__}."


def _names(options: Sequence[Any]) -> str:
    """What a parameter takes, in words."""
    return " or ".join(getattr(option, "__name__", str(option)) for option in options if option is not type(None))


def _is_written(options: Sequence[Any]) -> bool:
    """Whether a parameter takes a number, a truth value or a word at all."""
    return any(option in SCALARS or isinstance(option, str | int) for option in options)


def _is_one_of(value: Any, options: Sequence[Any]) -> bool:
    """Whether a scalar is of a type that a parameter takes, or one of its literals; a whole number is a float, too."""
    if isinstance(value, bool):
        return bool in options or any(value is option for option in options)
    wanted = tuple(option for option in options if option in SCALARS)
    return isinstance(value, (*wanted, int) if float in wanted else wanted) or value in options


def _group(group: str) -> Iterator[tuple[str, type]]:
    """The files of a config group that name a class of this project, with it."""
    from gen_models.run.targets import resolve  # imports torch, for which the other refusals don't wait

    sources = HydraConfig.get().runtime.config_sources if HydraConfig.initialized() else ()
    for folder in (source.path for source in sources if source.schema == "file"):
        for file in sorted(Path(folder, group).glob("*.yaml")):
            content: Any = OmegaConf.to_container(OmegaConf.load(file))
            target = content.get("_target_") if isinstance(content, dict) else None
            if isinstance(target, str) and target.startswith("gen_models."):
                yield file.stem, resolve(current(target), around=True)
