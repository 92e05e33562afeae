"""Objectives of players among what is logged: the terms that each minimises, and their sum."""

from collections.abc import Collection, Mapping

from torch import Tensor


def chosen(metrics: Mapping[str, Tensor | float], names: Collection[str]) -> dict[str, float]:
    """Give those of the logged values which have these names; the log has waited for the device."""
    return {name: float(metrics[name]) for name in sorted(names) if name in metrics}


def objectives(terms: Mapping[str, float]) -> dict[str, float]:
    """Give as `objective/player` what each player minimises: the sum of its terms, which are named `player/term`."""
    sums: dict[str, float] = {}
    for name, value in terms.items():
        signal = f"objective/{name.partition('/')[0]}"
        sums[signal] = sums.get(signal, 0.0) + value
    return sums
