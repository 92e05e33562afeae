"""Vector arithmetic on codes: "with" - "without" + another (Radford et al. 2016, section 6.3.2).

https://arxiv.org/abs/1511.06434
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gen_models.analysis.codes import codes_of, training_codes
from gen_models.analysis.latent_space import Render, movable, space_of
from gen_models.core.abilities.codes import Decodes, Encodes, HasItemLatents
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Attributed, Held, classes_of, gathered, some
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
        model: Decodes, and encodes, remembers or draws codes; of one that has codes with a meaning, whole latents.
        source: Has the attribute; any data with classes has the attribute "class".
        question: Whose means.
        rows: Codes to change, at most: of held-out items; or of training items that the model remembers, or of
            samples, which have the value that is subtracted.

    Returns:
        (rows, columns, *shape) in [-1, 1]: where there are items, each row begins with the item itself.

    Raises:
        UsageError: The model has no codes, there is no such attribute or value, or both values are one.
    """
    if not (_coded(model) or movable(model)):
        raise UsageError("this model has no codes to add: choose a run of model=gan, model=vae, model=glo or another.")
    values, names = attribute_of(source, question.attribute)
    plus, minus = (_position(name, names, question.attribute) for name in (question.plus, question.minus))
    if plus == minus:
        raise UsageError(f"{question.attribute}={names[plus]} is added and subtracted: choose two values.")
    with torch.no_grad():
        known = _of_items(model, source, values) if _coded(model) else _of_samples(model, source, values)
        for position in (plus, minus):
            if not (known.values == position).any():
                raise UsageError(f"nothing seen has {question.attribute}={names[position]}: choose another value.")
        difference = known.codes[known.values == plus].mean(0) - known.codes[known.values == minus].mean(0)
        if _coded(model) and isinstance(model, Encodes):
            x, y = gathered(source.test, some(source.test, rows))
            return torch.cat([x[:, None], _dosed(known, codes_of(model, source.test, rows), y, difference)], 1)
        chosen = (known.values == minus).nonzero()[:rows, 0]
        drawn = _dosed(known, known.codes[chosen], known.y[chosen], difference)
        if not isinstance(model, HasItemLatents):
            return drawn
        items = some(source.train, len(values))[chosen]
        return torch.cat([gathered(source.train, items)[0][:, None], drawn], 1)


def attribute_of(source: Source, name: str) -> tuple[Tensor, Sequence[str]]:
    """The code (N,) of each of `some` training items, and the codes' names.

    Raises:
        UsageError: The data has no such attribute.
    """
    known = attributes_of(source)
    if name not in known:
        raise UsageError(f"these data have no attribute '{name}': {nearest(name, known)}")
    values, names = known[name]
    return torch.as_tensor(values), names


def attributes_of(source: Source) -> dict[str, tuple[Any, Sequence[str]]]:
    """All attributes of `some` training items by name: their codes (N,), and the codes' names; classes are one."""
    factors = source.factors("train") if isinstance(source, Attributed) else {}
    order = some(source.reference, ITEMS).numpy()
    known: dict[str, tuple[Any, Sequence[str]]] = {
        name: (values[order], names) for name, (values, names) in factors.items()
    }
    if source.spec["num_classes"]:
        y = classes_of(source.reference, ITEMS)
        known["class"] = y, [str(c) for c in range(source.spec["num_classes"])]
    return known


def _position(value: str, names: Sequence[str], attribute: str) -> int:
    if value not in names:
        raise UsageError(f"no value of {attribute} is called '{value}': {nearest(value, names)}")
    return list(names).index(value)


class _Known(NamedTuple):
    """Codes (N, D) on the CPU, the value (N,) of the attribute that each stands for, and the class (N,) it is told."""

    codes: Tensor
    values: Tensor
    y: Tensor
    decode: Render
    device: torch.device


def _coded(model: GenerativeModel) -> bool:
    """Whether items have codes that it decodes; codes with a meaning are only a part of what it decodes."""
    return isinstance(model, Decodes) and isinstance(model, Encodes | HasItemLatents)


def _of_items(model: GenerativeModel, source: Source, values: Tensor) -> _Known:
    """Codes of training items."""
    assert isinstance(model, Decodes)
    if isinstance(model, HasItemLatents):
        codes, items = training_codes(model, source, len(values)), source.train
    else:
        codes, items = codes_of(model, source.reference, len(values)), source.reference
    return _Known(codes, values[: len(codes)], classes_of(items, len(codes)), model.decode, model.device)


def _of_samples(model: GenerativeModel, source: Source, values: Tensor) -> _Known:
    """Latents of samples, with the values that a classifier sees in them."""
    x, _ = gathered(source.reference, some(source.reference, len(values)))
    classifier = train_classifier(Held(x, values), int(values.max()) + 1, tuple(x.shape[1:]), 0, EPOCHS, model.device)
    space, y = space_of(model), model.labels(len(values))
    codes = space.draw(len(y), y if model.classes else None)
    parts = zip(codes.split(BATCH), y.split(BATCH), strict=True)
    seen = [classifier(space.decode(z, wanted))[1].argmax(1) for z, wanted in parts]
    return _Known(codes.cpu(), torch.cat(seen).cpu(), y.cpu(), space.decode, model.device)


def _dosed(known: _Known, codes: Tensor, y: Tensor, difference: Tensor) -> Tensor:
    """Decode (B, doses, *shape) of codes (B, D) and classes (B,) with so much of a difference (D,)."""
    doses = torch.tensor(DOSES)[:, None] * difference
    moved = (codes[:, None] + doses).flatten(0, 1).to(known.device)
    labels = y.repeat_interleave(len(DOSES)).to(known.device)
    return known.decode(moved, labels).unflatten(0, (len(codes), len(DOSES))).cpu()
