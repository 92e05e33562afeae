"""How much of an item a model that reconstructs has kept, in pixels and as an extractor sees it."""

import torch

from gen_models.analysis.subject import Subject, SubjectFigure, able
from gen_models.core.abilities import Reconstructs
from gen_models.data.interface import batches
from gen_models.metrics.psnr import decibels, squared_errors
from gen_models.metrics.record import Estimate

HELD_OUT = 1000
BATCH = 100


def reconstruction(subject: Subject) -> list[Estimate]:
    """Peak signal-to-noise ratio in dB of held-out items' reconstructions, for values in [-1, 1]."""
    model, items = subject.model, subject.held_out
    assert isinstance(model, Reconstructs)
    count = min(HELD_OUT, len(items))
    errors = []
    for x, y in batches(items, torch.arange(count), BATCH):
        x = x.to(subject.device)
        errors.append(squared_errors(model.reconstruct(x, y.to(subject.device)), x))
    protocol = {"unit": "dB", "real": subject.split, "n": count}
    return [Estimate(float(decibels(torch.cat(errors).mean())), None, protocol)]


def feature_distance(subject: Subject) -> list[Estimate]:
    """Distance of held-out items to their reconstructions in the extractor's features (`Scorer.compare`)."""
    assert isinstance(subject.model, Reconstructs)
    sets = subject.source.reference, subject.held_out, subject.source.fingerprint
    return [subject.scorer.compare(subject.model.reconstruct, *sets, device=subject.device, split=subject.split)]


def _judged(subject: Subject) -> str:
    return able(Reconstructs)(subject) or ("" if subject.scorer.metrics else "metrics other than none")


PSNR = SubjectFigure(
    name="reconstruction",
    titles=("PSNR of reconstructions",),
    higher_is_better=True,
    take=reconstruction,
    needs=able(Reconstructs),
)
FEATURE_DISTANCE = SubjectFigure(
    name="feature_distance",
    titles=("feature distance of reconstructions",),
    higher_is_better=False,
    take=feature_distance,
    needs=_judged,
    seen=True,
)
