"""Options as Python gives them, in the words of a command line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gen_models.errors import UsageError
from gen_models.run.arguments import SWEEP
from gen_models.run.quoting import as_typed, quoted


def written(overrides: Sequence[str], options: Mapping[str, Any]) -> list[str]:
    """Write all options as a command line has them.

    Args:
        overrides: Some that are written so already.
        options: Others by name, with their values.

    Raises:
        UsageError: The first are no list of text, or ask for a sweep, or a value is nothing that a file could hold.
    """
    if isinstance(overrides, str) or not all(isinstance(override, str) for override in overrides):
        raise UsageError(f"options are a list such as ['model=vae', 'turns=500'], not {overrides!r}.")
    if {*SWEEP} & {*overrides}:
        raise UsageError("sweeps are for the command line: leave -m out, and train in a loop.")
    return [*overrides, *(f"{name}={_value(name, value)}" for name, value in options.items())]


def _value(name: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return as_typed(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str | Path):
        return quoted(str(value))
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_value(name, child)}' for key, child in value.items())}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(name, child) for child in value)}]"
    raise UsageError(f"{name} can't be given as {type(value).__name__}: options are text, numbers, lists or mappings.")
