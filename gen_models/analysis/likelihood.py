"""How probable a model finds held-out data, in nats and in bits per dimension, under one rule for every family.

The rule: a pixel has `levels` values. A model of probabilities (Bernoulli, categorical, discretised logistics) is asked
for theirs; a model of densities is asked for the density of the pixels spread uniformly over their bins, which bounds
the probability (`gen_models.media.pixels.dequantised`). Figures of different levels do not compare.
"""

import math
from typing import Any

import torch
from torch import Tensor

from gen_models.analysis.subject import Subject, SubjectFigure, said
from gen_models.core.abilities.likelihood import HasLikelihoodBound, HasLogProb
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import mean_error

AMOUNTS = ("draw", "draws")


def likelihood(subject: Subject) -> list[Estimate]:
    """Judge held-out items, with one draw each or more where there is only a bound."""
    levels = subject.source.spec["levels"]
    values = _nats(subject)
    protocol: dict[str, Any] = {"real": subject.split, "n": len(values), "levels": levels}
    protocol["likelihood"] = made(subject)
    protocol |= subject.given  # of x and y together a model knows up to log(classes) nats less
    estimates = [Estimate(float(values.mean()), mean_error(values), {**protocol, "unit": "nats"}, title="NLL")]
    if levels is not None:
        bits = values / (math.prod(subject.source.spec["shape"]) * math.log(2))
        chance = math.log2(levels)  # all levels equally probable
        found = Estimate(float(bits.mean()), mean_error(bits), protocol, chance=chance, title="bits per dimension")
        estimates.append(found)
    return estimates


def made(subject: Subject) -> str:
    """How the likelihood is made, in the model's words: `exact`, or `bound, 5 draws`."""
    model = subject.model
    assert isinstance(model, HasLogProb | HasLikelihoodBound)
    if not bounded(subject):
        return model.likelihood_rule
    return f"{model.likelihood_rule}, {subject.draws} {AMOUNTS[subject.draws > 1]}"


def bounded(subject: Subject) -> bool:
    """Whether the model bounds its likelihood, the tighter the more draws there are."""
    return isinstance(subject.model, HasLikelihoodBound) and subject.model.likelihood_rule != "exact"


def _nats(subject: Subject) -> Tensor:
    """Negative log-likelihoods (N,) in float64, or bounds of them."""
    model = subject.model

    def nats(x: Tensor, y: Tensor) -> Tensor:
        if isinstance(model, HasLikelihoodBound):
            return model.log_bound(x, y, subject.draws)
        assert isinstance(model, HasLogProb)
        return model.log_prob(x, y)

    return -torch.cat([nats(x, y).double().cpu() for x, y in subject.held_out_items()])


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
    reads=("held_out",),
)
