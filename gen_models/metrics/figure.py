"""What a figure of merit is, and how those of a package are found: by reading its files, so that no list is kept."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from gen_models.errors import UsageError, named
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor
from gen_models.metrics.features import Features
from gen_models.metrics.record import Estimate, Record, key_of, labelled

Asked = TypeVar("Asked")
Taken = TypeVar("Taken")
DECLARED = re.compile(r"^[A-Z]\w* = (?:\w*Figure|of_features)\(", re.MULTILINE)


def nothing(asked: object) -> str:
    """Need nothing in particular."""
    return ""


_PLUGINS: ContextVar[tuple[str, ...]] = ContextVar("packages of others whose figures count", default=())


@dataclass(frozen=True, kw_only=True)
class Figure(ABC, Generic[Asked, Taken]):
    """A figure of merit: what it is called, which way is up, whom it can be taken of, and how.

    Args:
        name: What one asks for, such as "fid".
        titles: What its records are called, such as "FID"; a `*` stands for what only the model knows.
        higher_is_better: Whether a better model scores higher.
        take: Gives an estimate for each record.
        needs: Says what is lacking, as the rest of the sentence "this figure needs …", or "".
        seen: Whether it is a figure of an extractor's features: the extractor is then part of its name and protocol.
        slow: Whether it is taken only when it is asked for.
        held_out: Whether it looks at held-out items.
        reads: Which numbers it reads of an evaluation: "n", of samples, and "held_out", of items for an ability.
    """

    name: str
    titles: tuple[str, ...]
    higher_is_better: bool
    take: Callable[[Taken], Sequence[Estimate]]
    needs: Callable[[Asked], str] = nothing
    seen: bool = False
    slow: bool = False
    held_out: bool = True
    reads: tuple[Literal["n", "held_out"], ...] = ("n", "held_out")

    @property
    @abstractmethod
    def option(self) -> str:
        """The option of `gen-models evaluate` that asks for it."""

    def records(self, taken: Taken, protocol: Mapping[str, Any]) -> list[Record]:
        """Take the figure, under a protocol to which each estimate adds its own."""
        return [self._record(estimate, {**protocol, **estimate.protocol}) for estimate in self.take(taken)]

    def keys(self, extractor: str) -> list[str]:
        """What loggers will call the records, a `*` for what only the model knows, before there are any."""
        return [key_of(labelled(title, extractor) if self.seen else title) for title in self.titles]

    def _record(self, estimate: Estimate, protocol: Mapping[str, Any]) -> Record:
        fields = {**vars(estimate), "protocol": protocol}
        title = fields.pop("title") or self.titles[0]
        return Record(metric=title, higher_is_better=self.higher_is_better, **fields)


class FeatureFigure(Figure[Extractor | Classifier, tuple[Features, Features]]):
    """A figure on features alone; it asks the extractor, and is taken of the generated and the real features."""

    @property
    def option(self) -> str:
        """Also named by `metrics.metrics`."""
        return "--metric"


def of_features(
    name: str,
    title: str,
    measure: Callable[[Features, Features], Estimate],
    *,
    higher_is_better: bool,
    needs: Callable[[Extractor | Classifier], str] = nothing,
) -> FeatureFigure:
    """A figure that a function of (generated, real) features gives."""
    return FeatureFigure(
        name=name,
        titles=(title,),
        higher_is_better=higher_is_better,
        take=lambda sets: [measure(*sets)],
        needs=needs,
        seen=True,
        slow=True,
    )


@cache
def declared(package: str) -> Mapping[str, Figure[Any, Any]]:
    """The figures that modules of a package declare at their top level, by name; only those modules are imported."""
    folder = Path(str(import_module(package).__file__)).parent
    modules = [
        import_module(".".join((package, *path.relative_to(folder).with_suffix("").parts)))
        for path in sorted(folder.rglob("*.py"))
        if DECLARED.search(path.read_text(encoding="utf-8"))
    ]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Figure)]
    return {figure.name: figure for figure in found}


@contextmanager
def figures_from(packages: Sequence[str]) -> Iterator[None]:
    """Let figures of further packages be asked for by name, as long as this lasts."""
    token = _PLUGINS.set(tuple(packages))
    try:
        yield
    finally:
        _PLUGINS.reset(token)


def figures_in(package: str, kind: type[Figure[Any, Any]]) -> dict[str, Any]:
    """The figures of a kind, by name: those of a package of this project, then those of others.

    Raises:
        UsageError: Two have the same name.
    """
    found: dict[str, Any] = dict(declared(package))
    for other in _PLUGINS.get():
        for name, figure in declared(other).items():
            if isinstance(figure, kind) and found.setdefault(name, figure) is not figure:
                raise UsageError(f"{other} has a figure '{name}', which there already is: give it another name.")
    return found


def feature_figures() -> Mapping[str, FeatureFigure]:
    """The figures on features alone, which `metrics.metrics` and `--metric` choose from."""
    return figures_in("gen_models.metrics", FeatureFigure)


def feature_figure(name: str) -> FeatureFigure:
    """Give the figure on features alone of that name.

    Raises:
        UsageError: There is none.
    """
    return named("metric", name, feature_figures())
