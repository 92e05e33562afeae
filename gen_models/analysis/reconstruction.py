"""How much of an item a model that reconstructs has kept, in pixels and as an extractor sees it."""

import torch

from gen_models.analysis.effort import affordable
from gen_models.analysis.subject import Subject, SubjectFigure, able
from gen_models.core.abilities.codes import Reconstructs
from gen_models.metrics.psnr import decibels, squared_errors
from gen_models.metrics.record import Estimate


def reconstruction(subject: Subject) -> list[Estimate]:
    """Peak signal-to-noise ratio in dB of held-out items' reconstructions, for values in [-1, 1]."""
    model = subject.model
    assert isinstance(model, Reconstructs)
    errors = torch.cat([squared_errors(model.reconstruct(x, y).float(), x) for x, y in subject.held_out_items()])
    protocol = {"unit": "dB", "real": subject.split, "n": len(errors), **subject.given}
    return [Estimate(float(decibels(errors.mean())), None, protocol)]


def feature_distance(subject: Subject) -> list[Estimate]:
    """Distance of held-out items to their reconstructions in the extractor's features (`Scorer.compare`)."""
    assert isinstance(subject.model, Reconstructs)
    splits = subject.source.reference, subject.unseen, subject.source.fingerprint
    compare, n = subject.scorer.compare, affordable(subject.model, subject.n)
    found = compare(subject.model.reconstruct, *splits, device=subject.device, split=subject.split, n=n)
    return [found.under(subject.given)]


def _judged(subject: Subject) -> str:
    return able(Reconstructs)(subject) or ("" if subject.scorer.metrics else "metrics other than none")


PSNR = SubjectFigure(
    name="reconstruction",
    titles=("PSNR of reconstructions",),
    higher_is_better=True,
    take=reconstruction,
    needs=able(Reconstructs),
    reads=("held_out",),
)
FEATURE_DISTANCE = SubjectFigure(
    name="feature_distance",
    titles=("feature distance of reconstructions",),
    higher_is_better=False,
    take=feature_distance,
    needs=_judged,
    seen=True,
    reads=("n",),
)
