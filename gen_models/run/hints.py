"""Annotations of parameters, and what may be given to a parameter of each."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict

from gen_models.bounds import AtLeast

MODULES = "torch.nn.modules.module"
"""Where the constructor stands that a module has by itself: it seems to take anything."""
LISTS = (Sequence, Iterable, list, tuple)
"""What a list of a config can be given to."""


def annotations(constructor: type) -> dict[str, Any] | None:
    """Parameters with their annotations, `**options` spelled out where they say how; None where they are not known."""
    if (read := _read(constructor)) is None:
        return None
    parameters, hints, extras = read
    known: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            schemas = _schemas(extras.get(parameter.name))
            known |= {name: kind for schema in schemas for name, kind in _known(schema).items()}
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
            known[parameter.name] = hints.get(parameter.name, Any)
    return known


def takes_more(constructor: type) -> bool:
    """Whether a constructor takes options beyond those that it names; a module without one of its own takes none."""
    if (read := _read(constructor)) is None:
        return True
    parameters, _, extras = read
    open_ended = [each.name for each in parameters if each.kind is inspect.Parameter.VAR_KEYWORD]
    own = constructor.__init__.__module__ != MODULES  # type: ignore[misc]
    return own and any(not _schemas(extras.get(name)) for name in open_ended)


def _read(constructor: type) -> tuple[list[inspect.Parameter], dict[str, Any], dict[str, Any]] | None:
    """Parameters, their annotations, and the same with what `Annotated` says; None where they are not known."""
    try:
        parameters = [*inspect.signature(constructor).parameters.values()]
    except ValueError:
        return None
    init: Any = constructor.__init__  # type: ignore[misc]
    try:
        return parameters, get_type_hints(init), get_type_hints(init, include_extras=True)
    except (NameError, TypeError):  # annotations of other packages, only for their type checkers
        return parameters, {}, {}


def remarks(constructor: type) -> dict[str, Sequence[Any]]:
    """What `Annotated` says of each parameter beside its type: its bound, its rules (`beside`)."""
    try:
        extras = get_type_hints(constructor.__init__, include_extras=True)  # type: ignore[misc]
    except (NameError, TypeError):
        return {}
    schemas = [each for hint in extras.values() for each in _schemas(hint)]
    spelled_out = [get_type_hints(each, include_extras=True) for each in schemas if is_typeddict(each)]
    hints = [pair for known in (*spelled_out, extras) for pair in known.items()]
    taken = {name: said for each in schemas if not is_typeddict(each) for name, said in remarks(each).items()}
    return taken | {name: said for name, hint in hints if (said := [*_said(hint)])}


def _said(hint: Any) -> Iterator[Any]:
    """What `Annotated` says of a type, or of a member of a union: of `Positive | None` that it is at least 1."""
    kind, *said = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    yield from said
    for member in get_args(kind) if get_origin(kind) in (Union, UnionType) else ():
        yield from _said(member)


def sizes(constructor: type) -> set[str]:
    """Parameters that take nothing but whole numbers, one or several, and of which none says that it may be 0."""
    try:
        parameters = inspect.signature(constructor).parameters
    except ValueError:
        return set()
    whole = {name for name, hint in (annotations(constructor) or {}).items() if _is_whole(hint)}
    nought = {name for name, said in remarks(constructor).items() if AtLeast(0) in said}
    return whole - nought - {name for name, parameter in parameters.items() if parameter.default == 0}


def _is_whole(hint: Any) -> bool:
    members = [option for option in options(hint) if option is not type(None)]
    counts = [each is int or get_origin(each) in LISTS and get_args(each)[:1] == (int,) for each in members]
    return bool(counts) and all(counts)


def _schemas(hint: Any) -> list[Any]:
    """What spells out `**options`: the dictionary of `Unpack[…]`, or the class of `Annotated[Any, …]`."""
    remarked = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return [each for each in get_args(hint) if is_typeddict(each) or each in remarked and inspect.isclass(each)]


def _known(schema: Any) -> dict[str, Any]:
    """Names and annotations of a schema; of a class, those of its constructor."""
    return get_type_hints(schema) if is_typeddict(schema) else annotations(schema) or {}


def options(hint: Any) -> Iterator[Any]:
    """The members of a union, and the values of a literal."""
    if get_origin(hint) in (Union, UnionType, Literal):
        for option in get_args(hint):
            yield from options(option)
    else:
        yield hint


def items(value: dict[str, Any] | list[Any], taken: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """The keys of a dictionary, or the places of a list, each with the annotation of what stands there."""
    if isinstance(value, dict):
        inner = [get_args(option)[1] for option in taken if get_origin(option) in (Mapping, dict)]
    else:
        inner = [get_args(option)[:1] for option in taken if get_origin(option) in LISTS]
        inner = [args[0] for args in inner if args]
    if inner:
        keys: Iterable[Any] = list(value) if isinstance(value, dict) else range(len(value))
        yield from ((key, Union[tuple(inner)]) for key in keys)  # noqa: UP007


def places(taken: Sequence[Any]) -> int | None:
    """How many values a list of a parameter has; None where that is left open."""
    lists = [option for option in taken if option is Any or (get_origin(option) or option) in LISTS]
    open_ended = [option for option in lists if get_origin(option) is not tuple or Ellipsis in get_args(option)]
    counts = {len(get_args(option)) for option in lists if option not in open_ended}
    return counts.pop() if len(counts) == 1 and not open_ended else None


def required(constructor: type) -> list[str]:
    """Parameters that have no default."""
    try:
        parameters = inspect.signature(constructor).parameters.values()
    except ValueError:
        return []
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    own = [each.name for each in parameters if each.kind in named and each.default is inspect.Parameter.empty]
    return [*own, *_spelled_out(constructor)]


def _spelled_out(constructor: type) -> list[str]:
    """What `**options` have to hold, where a typed dictionary says so."""
    try:
        hints = get_type_hints(constructor.__init__)  # type: ignore[misc]
    except (NameError, TypeError):
        return []
    schemas = [schema for hint in hints.values() for schema in _schemas(hint) if is_typeddict(schema)]
    return [name for schema in schemas for name in schema.__annotations__ if name in schema.__required_keys__]


def gathers(option: Any, kind: type) -> bool:
    """Whether a parameter takes a plain dictionary, or a plain list, as it stands.

    Args:
        option: An annotation that is no union.
        kind: `dict` or `list`.
    """
    if _takes_anything(option):
        return True
    origin = get_origin(option) or option
    if kind is dict:
        return is_typeddict(origin) or origin in (Mapping, dict)
    return origin in LISTS


def _takes_anything(option: Any) -> bool:
    return option is Any or option is object or isinstance(option, TypeVar)


def is_object(hint: Any) -> bool:
    """Whether only an instance of some class will do, which can't be written as a number or a word."""
    return hint is not Any and inspect.isclass(hint) and hint.__module__ not in ("builtins", "pathlib", "datetime")


def takes(option: Any, found: type, *, partial: bool) -> bool:
    """Whether a parameter takes an instance of a class, or the class itself with some of its arguments (a partial)."""
    if _takes_anything(option):
        return True
    origin = get_origin(option) or option
    if origin is Callable:
        made = list(options((get_args(option) or [Any])[-1]))
        return not partial or any(takes(each, found, partial=False) for each in made)
    if origin is type:
        return False
    if partial:
        return "__call__" in vars(origin) and getattr(origin, "_is_protocol", False)
    return inspect.isclass(origin) and _is_kind_of(found, origin)


def _is_kind_of(found: type, kind: type) -> bool:
    try:
        return issubclass(found, kind)
    except TypeError:  # a Protocol with attributes, which only an instance can be asked for
        return all(name in dir(found) for name in vars(kind) if not name.startswith("_"))
