"""How well a model that classifies tells the classes of held-out items."""

import math

import torch

from gen_models.analysis.subject import Subject, SubjectFigure, able
from gen_models.core.abilities import Classifies
from gen_models.data.interface import batches, classes_of
from gen_models.metrics.record import Estimate

HELD_OUT = 1000
BATCH = 100


def classification(subject: Subject) -> list[Estimate]:
    """Share of held-out items whose class the model guesses wrong, with its standard error."""
    model, items = subject.model, subject.held_out
    assert isinstance(model, Classifies)
    count = min(HELD_OUT, len(items))
    wrong = [
        (model.classify(x.to(subject.device)).argmax(1).cpu() != y).double()
        for x, y in batches(items, torch.arange(count), BATCH)
    ]
    values = torch.cat(wrong)
    error = float(values.std() / math.sqrt(count))
    _, counts = classes_of(items, count).unique(return_counts=True)
    chance = 1 - float(counts.max()) / count  # whoever guesses the commonest class, is wrong so often
    return [Estimate(float(values.mean()), error, {"real": subject.split, "n": count}, chance=chance)]


CLASSIFICATION = SubjectFigure(
    name="classification",
    titles=("classification error",),
    higher_is_better=False,
    take=classification,
    needs=able(Classifies),
)
