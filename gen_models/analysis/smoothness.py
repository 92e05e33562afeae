"""How evenly samples change along paths of codes."""

import math

import torch
from torch import Tensor

from gen_models.analysis.interpolate import drawn_walks
from gen_models.analysis.subject import Subject
from gen_models.metrics.record import Record

STEPS = 16


def path_length(subject: Subject) -> list[Record]:
    """Perceptual path length (Karras et al. 2019, section 4.1), with the extractor's features for a distance.

    The squared distance of neighbours on arcs between draws of the prior over the squared step, in units of the
    squared distance of two real items: a step's worth is its share of the whole way, so that 1 is a straight path from
    one item to another. Samples have 8 bits here, so steps are as wide as 1 / 16 of an arc. The second figure is the
    share of the whole change that lies in an arc's largest step: 1 / 16 on an even path, 1 on one that jumps.
    """
    paths = max(2, subject.n // STEPS)
    drawn = drawn_walks(subject.model, paths, STEPS + 1, arcs=True)
    return _records(subject, subject.features(drawn).x.unflatten(0, (paths, STEPS + 1)))


def _records(subject: Subject, features: Tensor) -> list[Record]:
    real = subject.features(subject.real(subject.n)[0]).x
    steps = features.diff(dim=1).square().sum(2) / (2 * real.var(0).sum())  # (paths, STEPS)
    lengths, roots = steps.mean(1) * STEPS**2, steps.sqrt()
    jumps = roots.amax(1) / roots.sum(1).clamp_min(torch.finfo(roots.dtype).tiny)
    protocol = subject.protocol(seen=True, paths="arcs between draws of the prior", steps=STEPS)
    return [
        Record(name, float(values.mean()), float(values.std() / math.sqrt(len(values))), protocol=protocol)
        for name, values in (("path length", lengths), ("largest step of a path", jumps))
    ]
