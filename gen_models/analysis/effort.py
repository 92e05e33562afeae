"""How often a model evaluates its network, and how many items it is therefore asked about by default."""

from gen_models.core.abilities.likelihood import HasLogProb
from gen_models.core.abilities.sampling import HasEvaluations
from gen_models.core.abilities.tokens import HasTokens
from gen_models.core.model import GenerativeModel

ITERATED = 100
"""Items for a model that evaluates its network many times for each: a minute on a processor."""
AT_ONCE = ("exact", "dequantised")
"""Rules of likelihoods that take a single evaluation."""


def affordable(model: GenerativeModel, n: int) -> int:
    """Give n, or the most items that a model which iterates is asked about by default."""
    return min(n, ITERATED) if iterates(model) else n


def iterates(model: GenerativeModel) -> bool:
    """Whether a model evaluates its network many times for an item that it is asked about.

    One of tokens, and one whose likelihood takes a single evaluation, only do so to draw.
    """
    at_once = isinstance(model, HasTokens) or (isinstance(model, HasLogProb) and model.likelihood_rule in AT_ONCE)
    return isinstance(model, HasEvaluations) and not at_once


def evaluations_of(model: GenerativeModel) -> int | None:
    """Evaluations of the network for a sample (NFE), 1 for a single pass; None where the solver decides on the way."""
    return model.evaluations if isinstance(model, HasEvaluations) else 1
