"""Options of commands that were typed and would be without effect beside the others."""

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any, get_args

import typer

from gen_models.beside import Rule
from gen_models.errors import UsageError


def check_beside(
    context: typer.Context, parameters: Mapping[str, inspect.Parameter], values: Mapping[str, Any]
) -> None:
    """Refuse options that were typed and would be without effect beside the others.

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
            if isinstance(rule, Rule) and rule.idle(values):
                raise UsageError(rule.sentence(flags[name], flags[rule.other]))


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
