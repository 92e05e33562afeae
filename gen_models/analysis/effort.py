"""How often a model evaluates its network, and how many items it is therefore asked about by default."""

from gen_models.core.abilities.likelihood import HasLogProb
from gen_models.core.abilities.sampling import HasEvaluations
from gen_models.core.model import GenerativeModel

ITERATED = 100
"""Items for a model that evaluates its network many times for each: a minute on a processor."""


def affordable(model: GenerativeModel, n: int) -> int:
    """Give n, or the most items that a model which iterates is asked about by default."""
    return min(n, ITERATED) if iterates(model) else n


def iterates(model: GenerativeModel) -> bool:
    """Whether a model evaluates its network many times for an item; one of exact probabilities only does to draw."""
    exact = isinstance(model, HasLogProb) and model.likelihood_rule == "exact"
    return isinstance(model, HasEvaluations) and not exact


def evaluations_of(model: GenerativeModel) -> int | None:
    """Evaluations of the network for a sample (NFE), 1 for a single pass; None where the solver decides on the way."""
    return model.evaluations if isinstance(model, HasEvaluations) else 1
