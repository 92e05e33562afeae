"""Options of an evaluation that nothing would read, or that ask for more than there is: refused before any work."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from gen_models.analysis.figures import lacking, subject_figures
from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.errors import UsageError

if TYPE_CHECKING:
    from gen_models.analysis.evaluate import EvaluationOptions

OTHERS = "take metrics other than none"


def check_read(asked: "EvaluationOptions", subject: Subject, figures: Collection[SubjectFigure]) -> None:
    """Refuse an option that was given and would be without effect, wholly or in part.

    Args:
        asked: The options.
        subject: What is judged.
        figures: Those that are taken of it, beside its scorer's.

    Raises:
        UsageError: The first of them, and what would read it.
    """
    if asked.split == "validation" and not subject.source.num_validation:
        options = subject.source.validation_options
        further = f", or train with some held out by {options}" if options else ""
        raise UsageError(f"the data have no validation items: leave split=validation out{further}.")
    for name, value, read in _options(asked, subject, figures):
        if value is not None and not read:
            raise UsageError(f"nothing that is taken here reads {name}={value}: leave it out{_instead(name, subject)}.")
    compared = "train" if subject.scorer.reference == "train" else subject.split
    check_there(f"n_real={asked.n_real}", asked.n_real, len(subject.source.part(compared)), f"{compared} items")
    check_there(f"held_out={asked.held_out}", asked.held_out, len(subject.unseen), f"{subject.split} items")


def check_there(option: str, asked: int | None, there: int, what: str) -> None:
    """Refuse more items than there are, of which all would be taken without a word.

    Args:
        option: How the number was given.
        asked: The number; None where none was.
        there: How many there are.
        what: They are.

    Raises:
        UsageError: It is more.
    """
    if asked is not None and asked > there:
        raise UsageError(f"{option} is more than the {there:,} {what}: lower it, or leave it out.")


def _options(
    asked: "EvaluationOptions", subject: Subject, figures: Collection[SubjectFigure]
) -> Iterator[tuple[str, Any, bool]]:
    """Each option: its name, what it was given, and whether anything reads it."""
    scored, told = bool(subject.scorer.metrics), any("n" in figure.reads for figure in figures)
    counted = any("held_out" in figure.reads for figure in figures)
    apart = None if asked.split == "test" else asked.split
    yield "n", asked.n, scored or told
    yield "n_real", asked.n_real, scored
    yield "reference", asked.reference, scored or (told and bool(subject.classes))
    yield "held_out", asked.held_out, counted
    yield "split", apart, scored or any(figure.held_out for figure in figures)


def _instead(option: str, subject: Subject) -> str:
    """What would read an option and could be taken, in words."""
    if option == "held_out":
        return ""
    known = subject_figures().values() if option in ("n", "split") else ()
    able = [each.name for each in known if "n" in each.reads and not lacking(each, subject)]
    return f", or {OTHERS}" + (f", or one of the figures {', '.join(able)}" if able else "")
