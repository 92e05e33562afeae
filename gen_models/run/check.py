"""A configuration held against the constructors that it names, before anything is built.

A config names constructors and their arguments; the constructors' own signatures are the schema. What is checked is a
copy without interpolations, and that copy is what is built: nothing can change between the two.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from lightning import Callback, Trainer
from lightning.pytorch.loggers import Logger
from omegaconf import DictConfig, OmegaConf

from gen_models.core.model import GenerativeModel
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.errors import UsageError, nearest
from gen_models.metrics.scorer import Scorer
from gen_models.run import hints
from gen_models.run.check_values import check_bound, check_gathered, check_nothing, check_scalar, unfitting
from gen_models.run.former import current
from gen_models.run.reading import flat
from gen_models.run.stored import interpolated
from gen_models.run.targets import resolve
from gen_models.run.typed_names import TypedNames

GROUPS: Mapping[str, Any] = {
    **{"data": Source, "model": GenerativeModel, "metrics": Scorer, "trainer": Trainer},
    **{"callbacks": Mapping[str, Callback | Mapping[str, Any] | None], "logger": Mapping[str, Logger]},
}
"""The groups that are built, with what has to come of them."""

AROUND = ("trainer", "callbacks", "logger")
"""Groups that surround the training; the others are also read from stored runs."""

RESERVED = ("_args_", "_recursive_", "_convert_")
"""Hydra's other ways to call something, which no signature can be held against."""


def check(cfg: DictConfig, group: str, plugins: Sequence[str] = ()) -> Any:
    """Check every object under `cfg[group]`, correcting integers written as floats (`1e5`).

    Args:
        cfg: The whole configuration, since nodes interpolate each other.
        group: The top-level key to look under.
        plugins: Further packages that may be named.

    Returns:
        What may be built: plain dictionaries and lists, without interpolations.

    Raises:
        UsageError: One sentence on the first thing that does not fit.
    """
    if not OmegaConf.is_config(cfg[group]):
        raise UsageError(f"{group}={cfg[group]} is no object of a config: choose a file of conf/{group}.")
    tree: Any = OmegaConf.to_container(cfg[group], resolve=True)
    if interpolated(tree):
        raise UsageError(f"{group} holds '${{' after all is resolved, and would be read twice: leave it out.")
    checker = _Checker(plugins, group in AROUND, set(_of_data(cfg, group)), TypedNames(cfg))
    checker.check_objects(tree, group)
    checker.check_value(group, {group: tree}, group, GROUPS.get(group, Any))
    return tree


def _of_data(cfg: DictConfig, group: str) -> Iterator[str]:
    """The paths of options that the data decide, of which a constructor says itself what is wrong with the data."""
    raw: Any = OmegaConf.to_container(cfg[group], resolve=False)
    yield from (path for path, value in flat(raw, group).items() if isinstance(value, str) and "${spec." in value)


class _Checker:
    """The rules of one check.

    Args:
        plugins: Further packages that may be named.
        around: Whether loggers, callbacks and trainers may be named.
        of_data: Paths of options that the data decide, and may leave empty.
        typed: For each path the name by which a person types it.
    """

    def __init__(self, plugins: Sequence[str], around: bool, of_data: Collection[str], typed: TypedNames) -> None:
        self.plugins = plugins
        self.around = around
        self.of_data = of_data
        self.typed = typed

    def check_objects(self, tree: Any, path: str) -> None:
        """Check each node with a `_target_`, outer ones first: the names of all, before the arguments of any."""
        nodes = list(_objects(tree, path))
        for where, node in nodes:
            if wrong := [key for key in node if key in RESERVED]:
                raise UsageError(f"{where} may not say {wrong[0]}: name its options one by one.")
            if not isinstance(node.get("_partial_", False), bool):
                raise UsageError(f"{where}._partial_ is true or false, not '{node['_partial_']}'.")
            if isinstance(node["_target_"], str):
                node["_target_"] = current(node["_target_"])
            self.named(node)
        for where, node in nodes:
            self._check_arguments(where, node)

    def named(self, node: Mapping[str, Any]) -> type:
        """The class that a node names."""
        return resolve(node["_target_"], self.plugins, around=self.around)

    def _check_arguments(self, path: str, node: dict[str, Any]) -> None:
        found = self.named(node)
        known, remarks = hints.annotations(found), hints.remarks(found)
        if known is None:
            return
        for name in [key for key in node if key not in ("_target_", "_partial_")]:
            if name not in known:
                if hints.takes_more(found):
                    continue
                raise UsageError(_unknown(self.typed[path], str(name), found, known))
            self.check_value(f"{path}.{name}", node, name, known[name])
            check_bound(self.typed[f"{path}.{name}"], node[name], remarks.get(name, ()))
        self._check_complete(path, node)

    def _check_complete(self, path: str, node: Mapping[str, Any]) -> None:
        """Refuse to build what lacks an argument; a partial is given the rest by whoever calls it."""
        found = self.named(node)
        missing = [] if node.get("_partial_") else [name for name in hints.required(found) if name not in node]
        if missing:
            raise UsageError(
                f"{self.typed[path]} lacks '{missing[0]}', for which {found.__name__} has no default: state it where "
                "its _target_ stands, or choose a file of conf that does."
            )

    def check_value(self, path: str, node: Any, name: Any, hint: Any) -> None:
        """Hold one value, and what is in it, against the annotation of its parameter."""
        value, options, typed = node[name], list(hints.options(hint)), self.typed[path]
        if value == "???":
            raise UsageError(f"{typed} is not given and has no default: give it on the command line.")
        if isinstance(value, float) and value.is_integer() and int in options and float not in options:
            node[name] = int(value)
        elif isinstance(value, dict) and "_target_" in value:
            self._check_object(path, value, options)
        elif isinstance(value, dict | list):
            parts = isinstance(node, dict) and "_target_" not in node
            check_gathered(typed, value, options, [key for key in node if key != name] if parts else ())
            for key, inner in hints.items(value, options):
                self.check_value(f"{path}.{key}", value, key, inner)
        elif value is not None:
            check_scalar(typed, value, options)
        elif path not in self.of_data:
            check_nothing(typed, options)

    def _check_object(self, path: str, node: dict[str, Any], options: Sequence[Any]) -> None:
        found = self.named(node)
        if not any(hints.takes(option, found, partial=bool(node.get("_partial_"))) for option in options):
            raise UsageError(unfitting(path, found, options))


def _unknown(path: str, name: str, found: type, known: Collection[str]) -> str:
    """The sentence on an option that a constructor does not take; one of all families is missing in its signature."""
    if name in Training.__annotations__ and issubclass(found, GenerativeModel):
        return (
            f"{found.__name__} does not take '{name}', which every family passes on to the engine: end its constructor "
            "with **training: Unpack[Training], of gen_models.core.training, and call super().__init__(**training)."
        )
    return f"{path} has no option '{name}': {nearest(name, known)}"


def _objects(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """All nodes with a `_target_`, outer ones first."""
    if isinstance(node, dict) and "_target_" in node:
        yield path, node
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _objects(child, f"{path}.{key}")
