"""What a search may choose from, in Hydra's grammar of overrides."""

from collections.abc import Sequence
from typing import Any

from hydra.core.override_parser.types import IntervalSweep, Override
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from gen_models.errors import UsageError


def divided(overrides: Sequence[Override]) -> tuple[dict[str, BaseDistribution], list[str]]:
    """Divide overrides into what is searched, by name, and what is the same in all trials, as it was typed.

    `interval(a, b)` is a number between, `int(interval(a, b))` a whole one, with `tag(log, …)` on a logarithmic scale;
    `range(a, b, step)` is a number below b, and `choice(…)`, or values with commas, one of these. The last override of
    an option counts.

    Raises:
        UsageError: Nothing is searched, or something between no two numbers.
    """
    last = {override.get_key_element(): override for override in overrides}
    space = {name: _distribution(override) for name, override in last.items() if override.is_sweep_override()}
    if not space:
        raise UsageError("a search needs an option that varies, as in 'model.beta=interval(0.1,4)': write one so.")
    fixed = [
        f"{name}={override.get_value_element_as_str()}"
        for name, override in last.items()
        if not override.is_sweep_override()
    ]
    return space, fixed


def overriding(params: dict[str, Any]) -> list[str]:
    """Give the values of a trial as overrides."""
    return [f"{name}={value}" for name, value in params.items()]


def _distribution(override: Override) -> BaseDistribution:
    if override.is_interval_sweep():
        return _interval(override.get_key_element(), override.value())  # type: ignore[arg-type]
    texts = list(override.sweep_string_iterator())
    values: list[Any] = list(override.sweep_iterator())
    step = values[1] - values[0] if override.is_range_sweep() and len(values) > 1 else 0
    if step > 0 and values == sorted(values):  # neither shuffled nor downwards
        whole = all(isinstance(value, int) for value in values)
        return (IntDistribution if whole else FloatDistribution)(values[0], values[-1], step=step)
    return CategoricalDistribution(texts)


def _interval(name: str, sweep: IntervalSweep) -> BaseDistribution:
    low, high, log = sweep.start, sweep.end, "log" in sweep.tags
    if not low < high:  # type: ignore[operator]
        raise UsageError(f"{name} is searched between {low} and {high}: give the smaller end first.")
    if log and low <= 0:  # type: ignore[operator]
        raise UsageError(f"{name} is searched from {low} on a logarithmic scale, which begins above 0: raise its end.")
    if isinstance(low, int) and isinstance(high, int):
        return IntDistribution(low, high, log=log)
    return FloatDistribution(low, high, log=log)  # type: ignore[arg-type]
