"""Options of a command that mean something only beside another option, or only without it: alone they are refused.

What it says stands where the option does: `Annotated[int, typer.Option(…), Within("density", "mixture")]`.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

import typer

from gen_models.errors import UsageError


@dataclass(frozen=True)
class Within:
    """An option that is part of another one.

    Args:
        other: The parameter that it is part of.
        value: Of that one, where it is no part of its other values.
    """

    other: str
    value: str | None = None

    def refusal(self, own: str, flags: Mapping[str, str], values: Mapping[str, Any]) -> str:
        """Say why the option would be without effect; "" where it is not."""
        given = values[self.other]
        if given if self.value is None else given == self.value:
            return ""
        beside = " ".join(filter(None, (flags[self.other], self.value)))
        return f"{flags[own]} is part of {beside} and does nothing without it: say both, or neither."


@dataclass(frozen=True)
class Unless:
    """An option that another one takes the place of.

    Args:
        other: The parameter that does.
    """

    other: str

    def refusal(self, own: str, flags: Mapping[str, str], values: Mapping[str, Any]) -> str:
        """Say why the option would be without effect; "" where it is not."""
        taken = values[self.other]
        return f"{flags[self.other]} takes the place of {flags[own]}: leave one of them out." if taken else ""


def check_beside(
    context: typer.Context, parameters: Mapping[str, inspect.Parameter], values: Mapping[str, Any]
) -> None:
    """Refuse options that were typed and would be without effect.

    Args:
        context: The call of the command.
        parameters: The command's, with their annotations.
        values: What each is given.

    Raises:
        UsageError: The first of them, and what to do about it.
    """
    flags = {str(option.name): option.opts[0] for option in context.command.params}
    for name in filter(partial(_is_typed, context), values):
        for rule in get_args(parameters[name].annotation):
            if isinstance(rule, Within | Unless) and (sentence := rule.refusal(name, flags, values)):
                raise UsageError(sentence)


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
