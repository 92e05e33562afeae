"""The figure that a run goes by, chosen and checked before anything is trained, and what it is taken of."""

from fnmatch import fnmatchcase
from typing import Any

from gen_models.analysis.figures import usual
from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.errors import NotMeasured, UsageError, nearest
from gen_models.metrics.figure import Figure

AUTO = "auto"


def chosen_objective(asked: str | None, subject: Subject, *, required: bool = False) -> str | None:
    """Give the name, as loggers know it, of the figure that marks the best checkpoint and that a search goes by.

    Args:
        asked: A name, "auto" for the first figure of the scorer, or None for no figure.
        subject: The model, its data and its scorer.
        required: Whether a search waits for the figure.

    Raises:
        NotMeasured: The model and its scorer never give such a figure, or a search is given none.
    """
    keys = subject.scorer.keys
    chosen = next(iter(keys), None) if asked == AUTO else asked
    if chosen in keys or (chosen is None and not required):
        return chosen
    if chosen is None:
        known = _of(given(subject))
        raise NotMeasured(f"a search goes by a figure, and these metrics give none: say objective=…, {known}.")
    check_given("objective", chosen, subject)
    return chosen


def check_given(option: str, key: str, subject: Subject) -> None:
    """Refuse the name of a figure that the model and its scorer never give.

    Args:
        option: What names it.
        key: The name, as loggers know it.
        subject: The model, its data and its scorer.

    Raises:
        NotMeasured: They don't.
    """
    known = given(subject)
    if not any(fnmatchcase(key, each) for each in known):
        raise NotMeasured(f"{option}={key} is no figure that this model and these metrics give: {nearest(key, known)}")


def peeks(objective: str | None, subject: Subject) -> bool:
    """Whether the figure that a run goes by looks at the test items, for want of validation items.

    A figure of samples compared with training items does not.
    """
    apart = subject.scorer.reference == "train" and objective in subject.scorer.keys
    return objective is not None and not apart and subject.source.held_out("validation") == "test"


def check_split(objective: str | None, subject: Subject) -> None:
    """Refuse a search whose figure looks at the test items: what is chosen by them can't be reported on them.

    Raises:
        UsageError: It does.
    """
    if peeks(objective, subject):
        options = subject.source.validation_options
        how = f"hold some out by {options}" if options else "choose data that has"
        raise UsageError(f"a search chooses by validation items, and the data has none: {how}.")


def check_direction(objective: str, direction: str, subject: Subject) -> None:
    """Refuse to look for the worst: a figure says itself which way is better.

    Args:
        objective: A figure that is given.
        direction: Which way a search goes, `minimize` or `maximize`.
        subject: The model, its data and its scorer.

    Raises:
        UsageError: It goes the wrong way.
    """
    figures: list[Figure[Any, Any]] = [*subject.scorer.metrics, *_own(subject)]
    better = {key: each.higher_is_better for each in figures for key in each.keys(subject.scorer.extractor.name)}
    wanted = "maximize" if next(up for key, up in better.items() if fnmatchcase(objective, key)) else "minimize"
    if direction != wanted:
        raise UsageError(f"the search would look for the worst {objective}: say hydra.sweeper.direction={wanted}.")


def given(subject: Subject) -> list[str]:
    """Names of the figures that the scorer and the model's abilities give."""
    own = [key for figure in _own(subject) for key in figure.keys(subject.scorer.extractor.name)]
    return [*subject.scorer.keys, *own]


def _own(subject: Subject) -> list[SubjectFigure]:
    with subject.model.evaluating("objective"):
        return usual(subject)


def _of(known: list[str]) -> str:
    return f"one of {', '.join(known)}" if known else "with metrics other than none"
