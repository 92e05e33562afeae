"""Vector arithmetic on codes: "with" - "without" + another (Radford et al. 2016, section 6.3.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gen_models.analysis.codes import codes_of, training_codes
from gen_models.core.abilities import Decodes, Encodes, HasCodePrior, HasItemLatents
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Attributed, Held, classes_of, gathered
from gen_models.data.source import Source
from gen_models.errors import UsageError, nearest
from gen_models.metrics.classifier import train_classifier

DOSES = (0.0, 0.5, 1.0, 1.5, 2.0)
ITEMS = 8000
"""Training items, or samples, whose codes are averaged."""
EPOCHS = 3
BATCH = 500


@dataclass(frozen=True)
class Question:
    """Which values of which attribute."""

    attribute: str
    plus: str
    minus: str


def changed(model: GenerativeModel, source: Source, question: Question, rows: int) -> Tensor:
    """Add the difference of two means of codes to other codes, in growing doses.

    Args:
        model: Decodes, and encodes, remembers or draws codes.
        source: Has the attribute; any data with classes has the attribute "class".
        question: Whose means.
        rows: Codes to change, at most: of held-out items; or of training items that the model remembers, or of
            samples, which have the value that is subtracted.

    Returns:
        (rows, columns, *shape) in [-1, 1]: where there are items, each row begins with the item itself.

    Raises:
        UsageError: The model has no codes, or there is no such attribute or value.
    """
    if not (isinstance(model, Decodes) and isinstance(model, Encodes | HasItemLatents | HasCodePrior)):
        raise UsageError("this model has no codes to add: choose a run of model=gan, model=vae, model=glo or another.")
    values, names = attribute_of(source, question.attribute)
    plus, minus = (_position(name, names, question.attribute) for name in (question.plus, question.minus))
    with torch.no_grad():
        codes, guessed = _labelled_codes(model, source, values)
        for position in (plus, minus):
            if not (guessed == position).any():
                raise UsageError(f"nothing seen has {question.attribute}={names[position]}: choose another value.")
        difference = codes[guessed == plus].mean(0) - codes[guessed == minus].mean(0)
        if isinstance(model, Encodes):
            chosen, items = torch.arange(rows), source.test
            return _rows(model, codes_of(model, items, rows), difference, gathered(items, chosen))
        chosen = (guessed == minus).nonzero()[:rows, 0]
        return _rows(
            model,
            codes[chosen],
            difference,
            gathered(source.train, chosen) if isinstance(model, HasItemLatents) else None,
        )


def attribute_of(source: Source, name: str) -> tuple[Tensor, Sequence[str]]:
    """The code (N,) of each of the first training items, and the codes' names.

    Raises:
        UsageError: The data has no such attribute.
    """
    known = attributes_of(source)
    if name not in known:
        raise UsageError(f"these data have no attribute '{name}': {nearest(name, known)}")
    values, names = known[name]
    return torch.as_tensor(values)[:ITEMS], names


def attributes_of(source: Source) -> dict[str, tuple[Any, Sequence[str]]]:
    """All attributes of the training items by name: their codes (N,), and the codes' names; classes are one."""
    known: dict[str, tuple[Any, Sequence[str]]] = (
        dict(source.factors("train")) if isinstance(source, Attributed) else {}
    )
    if source.spec["num_classes"]:
        y = classes_of(source.reference, ITEMS)
        known["class"] = y, [str(c) for c in range(source.spec["num_classes"])]
    return known


def _position(value: str, names: Sequence[str], attribute: str) -> int:
    if value not in names:
        raise UsageError(f"no value of {attribute} is called '{value}': {nearest(value, names)}")
    return list(names).index(value)


def _labelled_codes(model: GenerativeModel, source: Source, values: Tensor) -> tuple[Tensor, Tensor]:
    """Codes of training items with their values; or of samples, with those that a classifier sees in them."""
    if isinstance(model, Encodes):
        return codes_of(model, source.reference, len(values)), values
    if isinstance(model, HasItemLatents):
        codes = training_codes(model, source, len(values))
        return codes, values[: len(codes)]
    assert isinstance(model, Decodes)
    assert isinstance(model, HasCodePrior)
    x, _ = gathered(source.reference, torch.arange(len(values)))
    classifier = train_classifier(Held(x, values), int(values.max()) + 1, tuple(x.shape[1:]), 0, EPOCHS, model.device)
    codes = model.draw_codes(len(values))
    seen = [classifier(model.decode(z))[1].argmax(1) for z in codes.split(BATCH)]
    return codes.cpu(), torch.cat(seen).cpu()


def _rows(model: GenerativeModel, codes: Tensor, difference: Tensor, items: tuple[Tensor, Tensor] | None) -> Tensor:
    assert isinstance(model, Decodes)
    doses = torch.tensor(DOSES)[:, None] * difference
    labels = None if items is None else items[1].to(model.device).repeat_interleave(len(DOSES))
    moved = (codes[:, None] + doses).flatten(0, 1).to(model.device)
    drawn = model.decode(moved, labels).unflatten(0, (len(codes), len(DOSES))).cpu()
    return drawn if items is None else torch.cat([items[0][:, None], drawn], 1)
