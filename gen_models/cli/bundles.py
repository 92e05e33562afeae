"""Options that several commands share, as one parameter of each."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from inspect import Parameter
from typing import Any, get_type_hints

import typer

from gen_models.cli.beside import check_beside


def bundled(command: Callable[..., None]) -> Callable[..., None]:
    """Let the fields of a dataclass that a command takes be options of the command, behind its own.

    Typer reads a command's signature: what it sees is one parameter for each field, and what the command is given is
    the dataclass. Options that would be without effect are refused before it (see `beside`).
    """
    own = inspect.signature(command, eval_str=True).parameters
    bundles: dict[str, Any] = {name: part.annotation for name, part in own.items() if is_dataclass(part.annotation)}

    @wraps(command)
    def called(context: typer.Context, **values: Any) -> None:
        check_beside(context, parameters, values)
        filled = {
            name: bundle(**{field.name: values.pop(field.name) for field in fields(bundle)})
            for name, bundle in bundles.items()
        }
        command(**values, **filled)

    seen = [*_plain(own, bundles), *(part for bundle in bundles.values() for part in _spread(bundle))]
    parameters = {parameter.name: parameter for parameter in seen}
    first = Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    called.__signature__ = inspect.Signature([first, *seen])  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in (first, *seen)}
    return called


def _plain(own: Mapping[str, Parameter], bundles: Mapping[str, Any]) -> Iterator[Parameter]:
    """The command's own parameters, by name: those of bundles have none to stand before."""
    return (part.replace(kind=Parameter.KEYWORD_ONLY) for name, part in own.items() if name not in bundles)


def _spread(bundle: type[Any]) -> Iterator[Parameter]:
    hints = get_type_hints(bundle, include_extras=True)
    for field in fields(bundle):
        yield Parameter(field.name, Parameter.KEYWORD_ONLY, default=_default(field), annotation=hints[field.name])


def _default(field: "Field[Any]") -> Any:
    return Parameter.empty if field.default is MISSING else field.default
