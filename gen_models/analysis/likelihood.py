"""How probable a model finds held-out data, in nats and in bits per dimension, under one rule for every family.

The rule: a pixel has `levels` values. A model of probabilities (Bernoulli, categorical, discretised logistics) is asked
for theirs; a model of densities is asked for the density of the pixels spread uniformly over their bins, which bounds
the probability (`gen_models.media.pixels.dequantised`). Figures of different levels do not compare.
"""

import math

import torch
from torch import Tensor

from gen_models.analysis.subject import Subject, SubjectFigure, said
from gen_models.core.abilities import HasLikelihoodBound, HasLogProb
from gen_models.data.interface import batches
from gen_models.metrics.record import Estimate

BATCH = 100
HELD_OUT = 1000


def likelihood(subject: Subject) -> list[Estimate]:
    """Judge the first held-out items, with one latent each or more where there is only a bound."""
    model, levels = subject.model, subject.source.spec["levels"]
    values = _nats(subject)
    mean, error = float(values.mean()), float(values.std() / math.sqrt(len(values)))
    bound = "exact" if isinstance(model, HasLogProb) else f"importance-weighted, {subject.draws} draws"
    protocol = {"real": subject.split, "n": len(values), "levels": levels, "bound": bound}
    estimates = [Estimate(mean, error, {**protocol, "unit": "nats"}, title="NLL")]
    if levels is not None:
        bits = math.prod(subject.source.spec["shape"]) * math.log(2)
        chance = math.log2(levels)  # all levels equally probable
        estimates.append(Estimate(mean / bits, error / bits, protocol, chance=chance, title="bits per dimension"))
    return estimates


def _nats(subject: Subject) -> Tensor:
    """Negative log-likelihoods (N,) in float64, or bounds of them."""
    model, items, nats = subject.model, subject.held_out, []
    assert isinstance(model, HasLogProb | HasLikelihoodBound)
    for x, y in batches(items, torch.arange(min(HELD_OUT, len(items))), BATCH):
        x, y = x.to(subject.device), y.to(subject.device)
        value = model.log_prob(x, y) if isinstance(model, HasLogProb) else model.log_bound(x, y, subject.draws)
        nats.append(-value.double().cpu())
    return torch.cat(nats)


def _probable(subject: Subject) -> str:
    model, levels = subject.model, subject.source.spec["levels"]
    if not isinstance(model, HasLogProb | HasLikelihoodBound):
        return said(HasLogProb | HasLikelihoodBound)
    return "" if model.levels == levels else "a likelihood of as many levels as the data have"


LIKELIHOOD = SubjectFigure(
    name="likelihood",
    titles=("NLL", "bits per dimension"),
    higher_is_better=False,
    take=likelihood,
    needs=_probable,
)
