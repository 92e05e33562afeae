"""The one list of figures, and how those of a model are taken.

A figure is in it as soon as a module of `metrics` or `analysis`, or of a plug-in, declares it
(`gen_models.metrics.figure`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.errors import UsageError, nearest
from gen_models.metrics.figure import Figure, feature_figure, feature_figures, figures_in
from gen_models.metrics.record import Record
from gen_models.randomness import isolated

ALL = "all"


def figures() -> Mapping[str, Figure[Any, Any]]:
    """Every figure, by name."""
    return {**feature_figures(), **subject_figures()}


def subject_figures() -> Mapping[str, SubjectFigure]:
    """The figures of a whole model, by name."""
    return figures_in("gen_models.analysis", SubjectFigure)


def check_names(names: Iterable[str], metrics: Iterable[str] = ()) -> None:
    """Refuse names that are no figures, before anything is loaded or measured.

    Args:
        names: Of figures of a whole model.
        metrics: Of figures of features.

    Raises:
        UsageError: There is no such figure, or it is one of the other kind.
    """
    known, features = subject_figures(), feature_figures()
    for name in metrics:
        if name in known:
            raise UsageError(f"'{name}' is a figure of a whole model: ask for it by {known[name].option} {name}.")
        feature_figure(name)
    for name in names:
        if name in features:
            raise UsageError(f"'{name}' is a figure of features: ask for it by {features[name].option} {name}.")
        if name != ALL and name not in known:
            raise UsageError(f"there is no figure '{name}': {nearest(name, [*known, ALL])}")


def asked_for(subject: Subject, names: Iterable[str]) -> list[SubjectFigure]:
    """Give the figures of these names; of "all" those that the model is able to give.

    Raises:
        UsageError: There is no such figure, or the model can't give it.
    """
    names, known = set(names), subject_figures()
    check_names(sorted(names))
    for name in sorted(names - {ALL}):
        if words := lacking(known[name], subject):
            raise UsageError(f"the figure '{name}' needs {words}.")
    able = [figure for figure in known.values() if ALL in names and figure.slow and not lacking(figure, subject)]
    return [figure for figure in known.values() if figure.name in names or figure in able]


def usual(subject: Subject) -> list[SubjectFigure]:
    """The figures of the model itself that are taken of whoever can give them."""
    return [figure for figure in subject_figures().values() if not figure.slow and not lacking(figure, subject)]


def lacking(figure: SubjectFigure, subject: Subject) -> str:
    """What a figure needs and the subject does not have, in words, or ""."""
    if figure.held_out and not len(subject.unseen):
        return "held-out items, and these data have none: raise data.test_fraction"
    return figure.needs(subject)


def taken(subject: Subject, chosen: Iterable[SubjectFigure]) -> list[Record]:
    """Take figures, each with random numbers of its own, so that company changes none."""
    records: list[Record] = []
    for figure in chosen:
        seen = subject.extractor.protocol if figure.seen else {}
        with isolated("figure", figure.name, subject.seed):
            records += figure.records(subject, seen)
    return records
