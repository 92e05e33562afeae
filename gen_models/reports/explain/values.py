"""Values of the small interpreter: what is there already, what computes a term, and several named terms."""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import FunctionType, MethodType
from typing import Any

from torch import nn

from gen_models.judges.base import Judge
from gen_models.losses.penalties import Penalty
from gen_models.reports.explain.source import FOREIGN

OBJECTIVES = ("gen_models.losses", "gen_models.judges")
"""Packages whose parts compute terms of objectives."""


@dataclass(frozen=True)
class Source:
    """What computes a term: a function, the object that it belongs to, and the factor before it."""

    function: Callable[..., Any]
    part: Any = None
    factor: float = 1.0


@dataclass(frozen=True)
class Known:
    """What is there without computing: a part, a method, a constant."""

    value: Any


Sources = tuple[Source, ...]
Terms = dict[str, Sources]
Value = Known | Sources | Terms


def both(first: Value, second: Value) -> Value:
    """Join what two ways through the code, or two parts of an expression, give."""
    if isinstance(first, dict) or isinstance(second, dict):
        return {**(first if isinstance(first, dict) else {}), **(second if isinstance(second, dict) else {})}
    return tuple(dict.fromkeys((*sources(first), *sources(second))))


def sources(value: Value) -> Sources:
    """Give what computes a value: a method of an objective counts also where it is only named."""
    if isinstance(value, dict):
        return tuple(source for part in value.values() for source in part)
    if isinstance(value, Known):
        found = asked(value.value) if isinstance(value.value, MethodType) else ()
        return found if isinstance(found, tuple) else ()
    return value


def scaled(value: Value, factor: float) -> Value:
    """Multiply what is computed."""
    if isinstance(value, dict):
        return {
            name: tuple(replace(each, factor=factor * each.factor) for each in part) for name, part in value.items()
        }
    return tuple(replace(each, factor=factor * each.factor) for each in sources(value))


def constant(value: Value) -> float | None:
    """Give the number that a value is, if it is one."""
    number = value.value if isinstance(value, Known) else None
    return float(number) if isinstance(number, int | float) and number else None


def asked(value: Any) -> Sources | Terms:
    """Give what is computed by calling an objective, by name for a mapping of them; () for anything else."""
    if isinstance(value, Penalty | Judge):
        return (Source(value.measure, value, value.weight),)
    if isinstance(value, nn.ModuleDict) and all(isinstance(part, Judge) for part in value.values()):
        return {name: sources(tuple(asked(part))) for name, part in value.items()}  # type: ignore[arg-type]
    if isinstance(value, MethodType):
        return (Source(value, value.__self__),) if is_objective(value.__self__) else ()
    if isinstance(value, FunctionType):
        return (Source(value),) if value.__module__.startswith(OBJECTIVES) or is_of_family(value) else ()
    if is_objective(value):
        return (Source(value.forward if isinstance(value, nn.Module) else value.__call__, value),)
    return ()


def is_of_family(function: FunctionType) -> bool:
    """Whether a function stands beside a family, and is none of the parts that several are made of."""
    home = function.__module__
    return home.startswith("gen_models.families") and not home.startswith("gen_models.families.parts")


def is_objective(part: Any) -> bool:
    """Whether an object computes terms: of a package of objectives, or of a plug-in and no network."""
    kinds = type(part).__mro__
    if any(kind.__module__.startswith(OBJECTIVES) for kind in kinds):
        return True
    home = type(part).__module__.split(".")[0]
    return home not in ("gen_models", *FOREIGN, *sys.stdlib_module_names) and not isinstance(part, nn.Module)


def member(owner: Any, name: str) -> Value:
    """Give an attribute as it stands, or a bound method; what would have to be computed is unknown."""
    children = dict(owner.named_children()) if isinstance(owner, nn.Module) else {}
    if name in children:
        return Known(children[name])
    found = inspect.getattr_static(owner, name, inspect.Parameter.empty)
    if isinstance(found, FunctionType):
        return Known(MethodType(found, owner))
    unknown = found is inspect.Parameter.empty or inspect.isdatadescriptor(found) or inspect.ismemberdescriptor(found)
    return () if unknown else Known(found)


def pairs(value: Value) -> Mapping[str, Any]:
    """Give the parts that a known mapping holds by name; nothing for other values."""
    found = value.value if isinstance(value, Known) else None
    return dict(found.items()) if isinstance(found, Mapping | nn.ModuleDict) else {}
