"""How many items a model is asked about where nobody says how many."""

from gen_models.core.abilities import HasEvaluations
from gen_models.core.model import GenerativeModel

ITERATED = 100
"""Items for a model that evaluates its network many times for each: a minute on a processor."""


def affordable(model: GenerativeModel, n: int) -> int:
    """Give n, or the most items that a model which iterates is asked about by default."""
    return min(n, ITERATED) if isinstance(model, HasEvaluations) else n
