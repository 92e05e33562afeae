"""How well a model that classifies tells the classes of held-out items."""

import torch

from gen_models.analysis.subject import Subject, SubjectFigure, able
from gen_models.core.abilities.judgement import Classifies
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import share_error


def classification(subject: Subject) -> list[Estimate]:
    """Share of held-out items whose class the model guesses wrong, with its standard error."""
    model = subject.model
    assert isinstance(model, Classifies)
    guessed = [(model.classify(x).argmax(1).cpu(), y.cpu()) for x, y in subject.held_out_items()]
    guesses, classes = map(torch.cat, zip(*guessed, strict=True))
    wrong = float((guesses != classes).double().mean())
    n = len(classes)
    _, counts = classes.unique(return_counts=True)
    chance = 1 - float(counts.max()) / n  # whoever guesses the commonest class, is wrong so often
    return [Estimate(wrong, share_error(wrong, n), {"real": subject.split, "n": n}, chance=chance)]


CLASSIFICATION = SubjectFigure(
    name="classification",
    titles=("classification error",),
    higher_is_better=False,
    take=classification,
    needs=able(Classifies),
    reads=("held_out",),
)
