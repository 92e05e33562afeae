"""How often a player moves, and by which optimizer, in words."""

import inspect
from typing import Any

from torch.optim import Optimizer

from gen_models.core.clock import Every
from gen_models.core.lazy import Lazy
from gen_models.reports.explain.source import numbers, short

SILENT = ("params", "lr", "fused", "foreach")
"""Options of an optimizer that say nothing about the recipe, and the rate, which is said first."""


def every(rhythm: Every) -> str:
    """Say how often a player moves."""
    if isinstance(rhythm, int):
        return "moves on every turn" if rhythm == 1 else f"moves on every {ordinal(rhythm)} turn"
    said = ", ".join(f"{name} {short(value)}" for name, value in numbers(rhythm).items())
    return f"moves by {type(rhythm).__name__}({said})"


def steps(lazy: Lazy | None) -> list[str]:
    """Say which terms take a step of their own, and how often."""
    return [] if lazy is None else [f"{name} by itself on every {ordinal(k)} move" for name, k in lazy.every.items()]


def ordinal(number: int) -> str:
    """Write 2nd, 3rd, 5th, 11th, 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def rates(optimizer: Optimizer) -> str:
    """Name an optimizer with its rate, and with what differs from its defaults."""
    usual = {name: option.default for name, option in inspect.signature(type(optimizer)).parameters.items()}
    group = optimizer.param_groups[0]
    told = {name: group[name] for name in usual if name in group and name not in SILENT}
    changed = [f"{name} {written(value)}" for name, value in told.items() if members(value) != members(usual[name])]
    return " · ".join([type(optimizer).__name__, f"lr {written(group['lr'])}", *changed])


def written(value: Any) -> str:
    """Write an option's value: numbers briefly, lists with commas."""
    return ", ".join(map(_word, members(value)))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return short(value) if isinstance(value, int | float) else str(value)


def members(value: Any) -> list[Any]:
    """Give the members of a list or tuple, and anything else alone."""
    return list(value) if isinstance(value, list | tuple) else [value]
