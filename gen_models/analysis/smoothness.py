"""How evenly samples change along paths of codes."""

import torch
from torch import Tensor

from gen_models.analysis.interpolate import drawn_walks
from gen_models.analysis.subject import Subject, SubjectFigure, able
from gen_models.core.abilities.codes import Decodes, HasCodePrior
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import mean_error

STEPS = 16
TITLES = ("path length", "largest step of a path")


def path_length(subject: Subject) -> list[Estimate]:
    """Perceptual path length (Karras et al. 2019, section 4.1), with the extractor's features for a distance.

    The squared distance of neighbours on arcs between draws of the prior over the squared step, in units of the
    squared distance of two real items: a step's worth is its share of the whole way, so that 1 is a straight path from
    one item to another. Samples have 8 bits here, so steps are as wide as 1 / 16 of an arc. The second figure is the
    share of the whole change that lies in an arc's largest step: 1 / 16 on an even path, 1 on one that jumps.
    """
    paths = max(2, subject.n // STEPS)
    drawn = drawn_walks(subject.model, paths, STEPS + 1, arcs=True)
    return _estimates(subject, subject.features(drawn).x.unflatten(0, (paths, STEPS + 1)))


def _estimates(subject: Subject, features: Tensor) -> list[Estimate]:
    real = subject.real_features(subject.n).x
    steps = features.diff(dim=1).square().sum(2) / (2 * real.var(0).sum())  # (paths, STEPS)
    lengths, roots = steps.mean(1) * STEPS**2, steps.sqrt()
    jumps = roots.amax(1) / roots.sum(1).clamp_min(torch.finfo(roots.dtype).tiny)
    protocol = subject.protocol(paths="arcs between draws of the prior", steps=STEPS)
    return [
        Estimate(float(values.mean()), mean_error(values), protocol, title=title)
        for title, values in zip(TITLES, (lengths, jumps), strict=True)
    ]


def _codes(subject: Subject) -> str:
    lacking = able(Decodes, HasCodePrior)(subject)
    return lacking and "a prior over codes that it decodes: choose model=gan, vae, aae, or a flow"


SMOOTHNESS = SubjectFigure(
    name="smoothness",
    titles=TITLES,
    higher_is_better=False,
    take=path_length,
    needs=_codes,
    seen=True,
    slow=True,
    reads=("n",),
)
