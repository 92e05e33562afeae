"""What a model is made of besides networks and losses, as its configuration names it: prior, schedules, growth."""

import inspect
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from gen_models.core.training import Training
from gen_models.reports.explain.line import Line
from gen_models.reports.explain.rhythm import written
from gen_models.reports.explain.source import CITATION, first_line, place
from gen_models.run.targets import resolve


def parts(node: DictConfig, shown: Container[type], plugins: Sequence[str] = ()) -> Iterator[Line]:
    """Describe the objects of a model's configuration, and below each those that it holds.

    Args:
        node: The model's configuration.
        shown: Classes that are left out, since they stand elsewhere.
        plugins: Further packages that may be named.
    """
    for label, child in objects(node):
        made = resolve(child["_target_"], plugins)
        if made not in shown and not child.get("_partial_"):
            yield Line(label, about(made, child), place(made))
            for below in parts(child, shown, plugins):
                yield Line(f"└ {below.label.rpartition('.')[2].removeprefix('└ ')}", below.text, below.place)


def objects(node: DictConfig, path: str = "") -> Iterator[tuple[str, DictConfig]]:
    """Give the outermost objects below a node by their paths."""
    for key in map(str, node):
        child = node[key]
        if isinstance(child, DictConfig) and child.get("_target_"):
            yield f"{path}{key}", child
        elif isinstance(child, DictConfig):
            yield from objects(child, f"{path}{key}.")


def about(made: Callable[..., Any], node: DictConfig) -> str:
    """Say what an object is, with its numbers: `Halve every 24,000 turns` of `halflife: 24000`."""
    usual = {name: option.default for name, option in inspect.signature(made).parameters.items()}
    text, said, given = CITATION.sub("", first_line(made)), [], values(node)
    for name, value in {**usual, **given}.items():
        if f"`{name}`" in text:
            text = text.replace(f"`{name}`", written(value))
        elif name in given and value is not None:
            said.append(f"{name} {written(value)}")
    return " · ".join([f"{made.__name__}: {text}", *said])


def values(node: DictConfig) -> dict[str, Any]:
    """Give the options of a node that are numbers, words, or lists of them."""
    plain = {str(key): node[key] for key in node if not str(key).startswith("_")}
    lists = {name: list(value) for name, value in plain.items() if isinstance(value, ListConfig)}
    return {name: value for name, value in plain.items() if not isinstance(value, DictConfig)} | lists


def options(node: DictConfig) -> str:
    """Give what else can be set under `model.`: the family's own numbers and words, but for those of the data."""
    written_down: Any = OmegaConf.to_container(node, resolve=False)
    follows = {name for name, value in written_down.items() if "{spec." in str(value) or ":spec." in str(value)}
    beside = {*Training.__annotations__, *follows}
    own = {name: value for name, value in values(node).items() if name not in beside and value is not None}
    return " · ".join(f"{name} {written(value)}" for name, value in own.items())
