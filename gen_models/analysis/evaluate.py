"""What a model is worth, by everything that it is able to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from lightning.pytorch.utilities import rank_zero_only
from omegaconf import DictConfig

from gen_models.analysis.density import Density, ex_post
from gen_models.analysis.figures import asked_for, taken, usual
from gen_models.analysis.subject import PIXELS, Draw, Subject
from gen_models.analysis.ways import Way
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Split
from gen_models.data.source import Source
from gen_models.metrics.record import Record
from gen_models.metrics.records import add_records, write_records
from gen_models.metrics.scorer import Scorer
from gen_models.run.build import build, build_model
from gen_models.run.conf import choose_from_metrics, choose_metrics


@dataclass(frozen=True)
class Asked:
    """Figures that are asked for of a finished run.

    Args:
        metrics: A file of `conf/metrics`, such as `lite0`; None takes the run's own.
        n: Samples to judge; None takes as many as the metrics say.
        metric: Those of the metrics to take, such as `fid`; none given takes the metrics' own.
        figures: Slower ones to take besides, such as `memorisation`, or `all`.
        draws: Latents for each held-out item where a likelihood is only bounded; more tighten the bound.
        split: The held-out items to look at, where the data have such; else the others.
    """

    metrics: str | None = None
    n: int | None = None
    metric: Sequence[str] = ()
    figures: Sequence[str] = ()
    draws: int = 1
    split: Split = "test"


def evaluate_run(
    path: Path,
    cfg: DictConfig,
    model: GenerativeModel,
    source: Source,
    asked: Asked,
    way: Way,
    density: Density | None = None,
    *,
    averaged: bool = True,
) -> tuple[list[Record], Path]:
    """Take the figures of a finished run, and store them beside it, under those that stand there.

    Args:
        path: The run directory.
        cfg: Its configuration, which is changed by what is asked for.
        model: Its model, sampled in the way that is meant.
        source: Its data.
        asked: Which figures.
        way: What the records say of the way.
        density: Of the model's codes, to decode draws of in place of its own.
        averaged: Whether the model has its averaged weights.

    Returns:
        The records, and the file that holds them.

    Raises:
        UsageError: There is no such figure, or the model can't give it; nothing was measured then.
    """
    if asked.metrics is not None:
        choose_metrics(cfg, asked.metrics)
    choose_from_metrics(cfg, asked.n, asked.metric)
    scorer, untrained = build(cfg, "metrics"), partial(build_model, cfg)
    sampler = None if density is None else ex_post(model, density)
    records = figures_of(model, source, scorer, untrained, asked.draws, sampler, asked.figures, asked.split)
    said: dict[str, Any] = {} if averaged or not model.averages.copies else {"averaged": False}
    said |= way.protocol | ({} if density is None else dict(density.protocol))
    name = f"turn-{model.clock.turn:06d}" + ("" if density is None else f"-{density.name}")
    records = [replace(record, way=said) for record in records]
    return records, add_records(records, path / "evaluation" / f"{name}.json")


def figures_of(
    model: GenerativeModel,
    source: Source,
    scorer: Scorer | None,
    untrained: Callable[[], GenerativeModel] | None = None,
    draws: int = 1,
    sampler: Draw | None = None,
    names: Sequence[str] = (),
    split: Split = "test",
) -> list[Record]:
    """Take every figure that the model's abilities allow, with its averaged weights.

    Args:
        model: The model.
        source: The data that it was trained on.
        scorer: Judges samples; None leaves them unjudged.
        untrained: Makes the same model before training, to compare with.
        draws: Latents for each held-out item where a likelihood is only bounded; more tighten the bound.
        sampler: Draws (n, *shape) in the model's place; then nothing but its samples is judged.
        names: Slower figures to take besides.
        split: The held-out items to look at, where the data have such; else the others.

    Raises:
        UsageError: There is no figure of such a name, or the model can't give it; nothing was measured then.
    """
    subject = Subject(model, source, scorer or PIXELS, sampler, untrained, draws, source.held_out(split))
    with model.evaluating("evaluation"):
        asked = asked_for(subject, names)
        records = _of_samples(subject) + taken(subject, asked)
        if sampler is not None or not len(subject.held_out):  # on which abilities are measured
            return records
        return records + taken(subject, [figure for figure in usual(subject) if figure not in asked])


def _of_samples(subject: Subject) -> list[Record]:
    """The figures that the scorer takes of samples, and of those of the untrained model."""
    model, source = subject.model, subject.source
    if not subject.scorer.metrics:
        return []
    blank = subject.untrained().eval().to(model.device).sample if subject.untrained else None
    sets = source.reference, subject.held_out, source.fingerprint
    draw = subject.sampler or model.sample
    return subject.scorer.score(draw, *sets, blank, device=model.device, split=subject.split)


@rank_zero_only
def store(records: Sequence[Record], run: Path, turn: int) -> Path:
    """Write the records beside the run as `evaluation/turn-000500.json`."""
    return write_records(records, run / "evaluation" / f"turn-{turn:06d}.json")
