"""What a model is worth, by everything that it is able to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lightning.pytorch.utilities import rank_zero_only
from omegaconf import DictConfig

from gen_models.analysis.cost import COST
from gen_models.analysis.density import Density, ex_post
from gen_models.analysis.figures import asked_for, taken, usual
from gen_models.analysis.held import Held
from gen_models.analysis.likelihood import LIKELIHOOD, bounded
from gen_models.analysis.subject import PIXELS, Subject, SubjectFigure
from gen_models.analysis.unread import check_read
from gen_models.analysis.ways import marked
from gen_models.bounds import Positive
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Split
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.files import inside
from gen_models.metrics.record import Record
from gen_models.metrics.records import add_records, write_records
from gen_models.metrics.scorer import Scorer, Several
from gen_models.run.build import build
from gen_models.run.check_values import check_bound
from gen_models.run.conf import choose_from_metrics, choose_metrics
from gen_models.run.hints import remarks
from gen_models.run.turn_files import turn_file
from gen_models.run.untrained import Blank


@dataclass(frozen=True)
class EvaluationOptions:
    """Figures that are asked for of a finished run.

    Args:
        metrics: Files of `conf/metrics`, such as `lite0`; none takes the run's own. All judge the same samples, and
            what is no figure of features is taken by the first alone.
        n: Samples to judge; None takes as many as the metrics say.
        metric: Those of the metrics to take, such as `fid`; none given takes the metrics' own.
        figures: Slower ones to take besides, such as `memorisation`, or `all`.
        draws: Draws for each held-out item where a likelihood is only bounded; more tighten the bound.
        held_out: The most held-out items that abilities are measured on; None takes all.
        n_real: Real items that samples are compared with; None takes as many as the metrics say.
        reference: Their split, "test" or "train"; None takes that of the metrics.
        split: The held-out items to look at; where the data have none to report on, those to choose by.

    Raises:
        UsageError: There would be too few of something.
    """

    metrics: Sequence[str] = ()
    n: Several | None = None
    metric: Sequence[str] = ()
    figures: Sequence[str] = ()
    draws: Positive = 1
    held_out: Several | None = None
    n_real: Several | None = None
    reference: str | None = None
    split: Split = "test"

    def __post_init__(self) -> None:
        for name, bounds in remarks(type(self)).items():
            check_bound(f"evaluate.{name}", getattr(self, name), bounds)


def evaluate_run(
    path: Path,
    cfg: DictConfig,
    model: GenerativeModel,
    source: Source,
    asked: EvaluationOptions,
    fit: Callable[[], Density] | None = None,
    *,
    averaged: bool = True,
) -> tuple[list[Record], Path]:
    """Take the figures of a finished run, and what its samples cost; store them beside it, with those that stand there.

    Args:
        path: The run directory.
        cfg: Its configuration.
        model: Its model, sampled in the way that is meant.
        source: Its data.
        asked: Which figures.
        fit: Gives a density of the model's codes, to decode draws of in place of its own.
        averaged: Whether the model has its averaged weights.

    Returns:
        The records, and the file that holds them.

    Raises:
        UsageError: There is no such figure, the model can't give it, or an option would be without effect; nothing was
            measured then.
    """
    first, *further = (_scorer(cfg, name, asked) for name in dict.fromkeys(asked.metrics or (None,)))
    subject = Subject(model, source, first, None, Blank(cfg), asked.draws, asked.held_out, asked.split, held=Held())
    names = [*asked.figures, COST.name]
    with model.evaluating("evaluation"):
        figures = _chosen(subject, names, own=fit is None)
    check_read(asked, subject, figures)
    if asked.draws > 1 and not (LIKELIHOOD in figures and bounded(subject)):
        raise UsageError(f"{asked.draws} draws tighten a bound on a likelihood, and none is taken: leave them out.")
    density = None if fit is None else fit()
    subject = subject if density is None else replace(subject, sampler=ex_post(model, density))
    protocol = {} if density is None else density.protocol
    name = turn_file("turn", model.clock.turn, ".json", "" if density is None else density.name)
    place = inside(path, "evaluation", name)
    records = _taken_of(subject, figures)
    for scorer in further:
        records += _taken_of(replace(subject, scorer=scorer), [figure for figure in figures if figure.seen])
    records = marked(records, model, protocol, averaged=averaged)
    return records, add_records(records, place)


def _scorer(cfg: DictConfig, metrics: str | None, asked: EvaluationOptions) -> Scorer:
    """The run's metrics, or those of a file, with the numbers and figures that were asked for."""
    cfg = cfg.copy()
    if metrics is not None:
        choose_metrics(cfg, metrics)
    choose_from_metrics(cfg, n=asked.n, n_real=asked.n_real, reference=asked.reference, metrics=list(asked.metric))
    scorer: Scorer | None = build(cfg, "metrics")
    return scorer or PIXELS


def figures_of(subject: Subject, names: Sequence[str] = ()) -> list[Record]:
    """Take every figure that the model's abilities allow, with its averaged weights, in the run's precision.

    Args:
        subject: What is judged, and by what; where a sampler draws in the model's place, its samples alone are judged.
        names: Slower figures to take besides.

    Raises:
        UsageError: There is no figure of such a name, or the model can't give it; nothing was measured then.
    """
    with subject.model.evaluating("evaluation"):
        chosen = _chosen(subject, names, own=subject.sampler is None)
    return marked(_taken_of(subject, chosen), subject.model, {}, averaged=True)


def _taken_of(subject: Subject, chosen: Sequence[SubjectFigure]) -> list[Record]:
    """The scorer's figures, and then the chosen ones."""
    with subject.model.evaluating("evaluation"):
        return subject.scored() + taken(subject, chosen)


def _chosen(subject: Subject, names: Sequence[str], *, own: bool) -> list[SubjectFigure]:
    """The figures of these names, and then those of the model itself, where its own samples are judged."""
    asked = asked_for(subject, names)
    return [*asked, *(figure for figure in (usual(subject) if own else ()) if figure not in asked)]


@rank_zero_only
def store(records: Sequence[Record], run: Path, turn: int) -> Path:
    """Write the records beside the run as `evaluation/turn-000500.json`."""
    return write_records(records, inside(run, "evaluation", turn_file("turn", turn, ".json")))
