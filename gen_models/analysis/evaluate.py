"""What a model is worth, by everything that it is able to do."""

from collections.abc import Callable, Sequence
from pathlib import Path

from lightning.pytorch.utilities import rank_zero_only

from gen_models.analysis.figures import asked_for, taken, usual
from gen_models.analysis.subject import PIXELS, Draw, Subject
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Split
from gen_models.data.source import Source
from gen_models.metrics.record import Record
from gen_models.metrics.records import write_records
from gen_models.metrics.scorer import Scorer


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
