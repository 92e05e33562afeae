"""Names of runs: the model, and the options in which runs of one model differ, as a person would say them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gen_models.reports.finished import Finished

AROUND = frozenset(
    {"seed", "run", "resume", "objective", "name", "study", "log_every", "images", "plugins", "paths"}
    | {"trainer", "callbacks", "logger", "metrics", "network", "loss", "penalty"}
)
"""Top-level options that make no other recipe: seeds, places, watching, and what the model's own node repeats."""
BESIDE = frozenset({"model.seed", "data.workers", "data.cache", "data.root"})
"""Single options of that kind."""
TARGET = "._target_"
MOST = 3
"""Options in a name."""


def recipe(run: Finished) -> dict[str, Any]:
    """Everything that makes a run what it is but for its seed."""
    kept = {key: run.config[key] for key in run.config if key.split(".")[0] not in AROUND and key not in BESIDE}
    return kept | {"turns": run.turn}


def differences(runs: Sequence[Finished]) -> dict[str, list[Any]]:
    """Options in which runs differ, each with its value (None where it has none); all options of one run."""
    recipes = [recipe(run) for run in runs]
    table = {key: [each.get(key) for each in recipes] for key in sorted(set().union(*recipes))}
    return {key: values for key, values in table.items() if len(runs) == 1 or len(set(map(str, values))) > 1}


def names(runs: Sequence[Finished]) -> list[str]:
    """The model of each run, and what tells runs of one model apart."""
    return [_named(run, [other for other in runs if other is not run and other.model == run.model]) for run in runs]


def _named(run: Finished, others: Sequence[Finished]) -> str:
    own, theirs = recipe(run), [recipe(other) for other in others]
    words = [f"seed={run.config.get('seed')}"] if own in theirs else []
    keys = differences([run, *others]) if others else {}
    words += [word for key in keys for word in _words(key, own, theirs)]
    return f"{run.model} ({', '.join(words[:MOST])}{', …' if len(words) > MOST else ''})" if words else run.model


def _words(key: str, own: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What an option says of a run: nothing where it belongs to a part that another run has of another class."""
    alike = [other for other in others if all(own.get(part) == other.get(part) for part in _around(key))]
    if key in own and any(str(own[key]) != str(other.get(key)) for other in alike):
        yield f"{_short_key(key)}={_short(own[key])}"
    elif key.endswith(TARGET) and key not in own and alike:
        yield f"no {_short_key(key)}"


def _around(key: str) -> list[str]:
    """The classes of the parts that an option belongs to, outermost first; a part does not belong to itself."""
    parts = key.removesuffix(TARGET).split(".")[:-1]
    return [".".join(parts[:depth]) + TARGET for depth in range(1, len(parts) + 1)]


def _short_key(key: str) -> str:
    return key.removeprefix("choices.").removeprefix("model.").removesuffix(TARGET)


def _short(value: Any) -> str:
    return str(value).rpartition(".")[2] if isinstance(value, str) else str(value)
