"""Options that several commands share, as one parameter of each."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from inspect import Parameter
from typing import Any, get_type_hints


def bundled(command: Callable[..., None]) -> Callable[..., None]:
    """Let the fields of a dataclass that a command takes be options of the command, behind its own.

    Typer reads a command's signature: what it sees is one parameter for each field, and what the command is given is
    the dataclass.
    """
    own = inspect.signature(command, eval_str=True).parameters
    bundles: dict[str, Any] = {name: part.annotation for name, part in own.items() if is_dataclass(part.annotation)}

    @wraps(command)
    def called(**values: Any) -> None:
        filled = {
            name: bundle(**{field.name: values.pop(field.name) for field in fields(bundle)})
            for name, bundle in bundles.items()
        }
        command(**values, **filled)

    seen = [*_plain(own, bundles), *(part for bundle in bundles.values() for part in _spread(bundle))]
    called.__signature__ = inspect.Signature(seen)  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in seen}
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
