"""What a configuration may name and say, checked before anything is built.

A config names constructors and their arguments; the constructors' own signatures are the schema. Here every `_target_`
is held against a list of packages, every argument against the signature, and every object against the annotation of
the parameter it is given to.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from hydra.core.hydra_config import HydraConfig
from hydra.utils import get_object
from omegaconf import DictConfig, ListConfig, OmegaConf

from gen_models.errors import UsageError, nearest
from gen_models.run.former import current

ROOTS = ("gen_models", "torch.optim", "torch.nn", "lightning")
SCALARS = (int, float, bool, str)


def check(cfg: DictConfig, group: str, plugins: Sequence[str] = ()) -> None:
    """Check every object under `cfg[group]`, correcting integers written as floats (`1e5`).

    Args:
        cfg: The whole configuration, since nodes interpolate each other.
        group: The top-level key to look under.
        plugins: Further packages that may be named.

    Raises:
        UsageError: One sentence on the first thing that does not fit.
    """
    for path, node in _objects(cfg[group], group):
        node["_target_"] = current(node["_target_"])
        _check_arguments(path, node, resolve(node["_target_"], plugins), plugins)


def resolve(target: str, plugins: Sequence[str] = ()) -> Callable[..., Any]:
    """Import what a `_target_` names, if it comes from a package that configs may name.

    Raises:
        UsageError: Another package, seen before the import or behind an alias; or nothing of that name.
    """
    roots = (*ROOTS, *plugins)
    if not _inside(target, roots):
        raise UsageError(f"a config may not name '{target}': only {', '.join(roots)}, or a package in plugins=[…].")
    try:
        found = get_object(target)
    except Exception as error:  # Hydra wraps what an import may raise
        raise UsageError(f"'{target}', which the config names, can't be imported: {error}") from error
    if not callable(found) or not _inside(getattr(found, "__module__", "") or "", (*roots, "torch")):
        raise UsageError(f"a config may not name '{target}': it is an alias of something else.")
    return found


def _inside(name: str, roots: Sequence[str]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def _objects(node: Any, path: str) -> Iterator[tuple[str, DictConfig]]:
    """All nodes with a `_target_`, outer ones first."""
    if isinstance(node, DictConfig) and not node._is_none():
        if "_target_" in node:
            yield path, node
        children = [(str(key), node[key]) for key in node]  # type: ignore[str-bytes-safe]
    elif isinstance(node, ListConfig):
        children = [(str(key), child) for key, child in enumerate(node)]
    else:
        return
    for key, child in children:
        yield from _objects(child, f"{path}.{key}")


def _check_arguments(path: str, node: DictConfig, constructor: Callable[..., Any], plugins: Sequence[str]) -> None:
    known = annotations(constructor)
    if known is None:
        return
    for name in map(str, node):
        if name.startswith("_"):
            continue
        if name not in known:
            raise UsageError(f"{path} has no option '{name}': {nearest(name, known)}")
        _check_value(f"{path}.{name}", node, name, known[name], plugins)


def annotations(constructor: Callable[..., Any]) -> dict[str, Any] | None:
    """Parameters with their annotations, `**options` spelled out where they say how; None where anything is taken."""
    try:
        parameters = inspect.signature(constructor).parameters.values()
    except ValueError:
        return None
    init: Any = constructor.__init__ if inspect.isclass(constructor) else constructor
    try:
        hints, extras = get_type_hints(init), get_type_hints(init, include_extras=True)
    except (NameError, TypeError):  # annotations of other packages, only for their type checkers
        hints = extras = {}
    known: dict[str, Any] = {}
    for parameter in parameters:
        hint = hints.get(parameter.name, Any)
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            known[parameter.name] = hint
        elif schemas := _schemas(extras.get(parameter.name)):
            known |= {name: kind for schema in schemas for name, kind in get_type_hints(schema).items()}
        else:
            return None
    return known


def _schemas(hint: Any) -> list[Any]:
    """What spells out `**options`: the dictionary of `Unpack[…]`, the dataclasses of `Annotated[Any, …]`."""
    return [each for each in get_args(hint) if is_typeddict(each) or is_dataclass(each)]


def _check_value(path: str, node: DictConfig, name: str, hint: Any, plugins: Sequence[str]) -> None:
    if OmegaConf.is_missing(node, name):
        raise UsageError(f"{path} is not given and has no default: give it on the command line.")
    value = node[name]
    options = list(_options(hint))
    if isinstance(value, float) and value.is_integer() and int in options and float not in options:
        node[name] = int(value)
    elif isinstance(value, DictConfig) and "_target_" in value:
        if not value.get("_partial_"):
            _check_object(path, resolve(value["_target_"], plugins), options)
    elif isinstance(value, DictConfig):
        inner = [get_args(option)[1] for option in options if get_origin(option) is Mapping]
        for key in map(str, value) if inner else ():
            _check_value(f"{path}.{key}", value, key, inner[0], plugins)
    elif not isinstance(value, ListConfig) and value is not None:
        _check_scalar(path, value, options)


def _options(hint: Any) -> Iterator[Any]:
    """The members of a union, and the values of a literal."""
    if get_origin(hint) in (Union, UnionType, Literal):
        for option in get_args(hint):
            yield from _options(option)
    else:
        yield hint


def _check_scalar(path: str, value: Any, options: Sequence[Any]) -> None:
    """A scalar must be one that the parameter takes; an object, or several, can't be written as a scalar."""
    scalars = tuple(option for option in options if option in SCALARS)
    words = [option for option in options if isinstance(option, str)]
    wanted = (*scalars, int) if float in scalars else scalars
    fits = isinstance(value, wanted) and (bool in scalars or not isinstance(value, bool))
    if (scalars or words) and not fits and value not in words:
        taken = [*words, *(option.__name__ for option in scalars)]
        raise UsageError(f"{path} takes {' or '.join(taken)}, not '{value}'.")
    if not scalars and not words and any(get_origin(option) is Sequence for option in options):
        raise UsageError(f"{path} takes a list, such as [{value}], not '{value}'.")
    if not scalars and not words and any(_is_object(option) or get_origin(option) is Mapping for option in options):
        raise UsageError(f"{path} takes objects of a config, not '{value}': choose a file of its group.")


def _check_object(path: str, constructor: Callable[..., Any], options: Sequence[Any]) -> None:
    classes = [option for option in options if _is_object(option)]
    if not classes or not inspect.isclass(constructor) or any(issubclass(constructor, option) for option in classes):
        return
    owner, _, group = path.rpartition(".")
    fitting = [name for name, other in _group(group) if any(issubclass(other, option) for option in classes)]
    choices: Any = HydraConfig.get().runtime.choices if HydraConfig.initialized() else {}
    model, chosen = choices.get(owner, owner), choices.get(group, constructor.__name__)
    advice = f": it takes {group}={', '.join(fitting)}." if fitting else "."
    raise UsageError(f"{owner}={model} does not take {group}={chosen}{advice}")


def _is_object(hint: Any) -> bool:
    """Whether instances can be told from others: a class, or a Protocol for use at run time, of this project."""
    return inspect.isclass(hint) and hint.__module__.startswith("gen_models.")


def _group(group: str) -> Iterator[tuple[str, type]]:
    """The files of a config group with the class that each names."""
    if not HydraConfig.initialized():
        return
    for source in HydraConfig.get().runtime.config_sources:
        if source.schema == "file":
            for file in sorted(Path(source.path, group).glob("*.yaml")):
                content: Any = OmegaConf.load(file)
                found = resolve(content["_target_"]) if "_target_" in content else None
                if inspect.isclass(found):
                    yield file.stem, found
