"""How many items a model is asked about where nobody says how many."""

from gen_models.core.abilities import HasEvaluations, HasLogProb
from gen_models.core.model import GenerativeModel

ITERATED = 100
"""Items for a model that evaluates its network many times for each: a minute on a processor."""


def affordable(model: GenerativeModel, n: int) -> int:
    """Give n, or the most items that a model which iterates is asked about by default."""
    return min(n, ITERATED) if isinstance(model, HasEvaluations) and not _sees_at_once(model) else n


def _sees_at_once(model: GenerativeModel) -> bool:
    """Whether a model looks at a whole item in one pass, however it draws: one of exact probabilities does."""
    return isinstance(model, HasLogProb) and model.likelihood_rule == "exact"
