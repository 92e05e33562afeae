"""What codes tell of what is known about the data, and what they change in samples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from gen_models.analysis.codes import codes_of
from gen_models.analysis.effort import iterates
from gen_models.analysis.latent_space import movable
from gen_models.analysis.subject import Subject, SubjectFigure, able, pictured
from gen_models.analysis.traverse import MOST, traversals
from gen_models.core.abilities.codes import Encodes, HasCodes
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Attributed, Split, classes_of, partly, some
from gen_models.data.source import Source
from gen_models.latents.code_parts import Category
from gen_models.metrics.bands import band_sides, isolation, relative_changes
from gen_models.metrics.disentanglement import (
    BINS,
    DEPTH,
    LEARNED,
    PENALTY,
    TESTED,
    TREES,
    VOTERS,
    class_accuracy,
    dci,
    factor_vae_score,
    mutual_information_gap,
    separated_predictability,
)
from gen_models.metrics.record import Estimate

ITEMS = 2000
"""Held-out items whose codes are looked at, at most."""
LATENTS, PAIRS = 16, 128
"""Latents in which codes are moved, and pairs of samples that the changes are compared with."""


def askable(model: GenerativeModel, source: Source) -> bool:
    """Whether the model has codes, and few enough to be asked one by one: a flow has as many as pixels.

    Where decoding iterates, the codes are noise of the sample's own shape.
    """
    if iterates(model):
        return False
    if isinstance(model, Encodes):
        return codes_of(model, source.reference, 1).shape[1] <= MOST
    return isinstance(model, HasCodes)


def understanding(
    model: GenerativeModel,
    source: Source,
    untrained: Callable[[], GenerativeModel | None] = lambda: None,
    split: Split = "test",
) -> list[Estimate]:
    """Score codes against the attributes of held-out items, and categories against their classes.

    Args:
        model: Encodes.
        source: The data; without attributes and classes there is nothing to score.
        untrained: Gives the same model before training, to compare with, or None.
        split: The held-out items that are looked at.
    """
    estimates = _estimates(model, source, split)
    blank = untrained() if estimates else None
    if blank is None:
        return estimates
    before = {estimate.title: estimate.value for estimate in _estimates(blank, source, split)}
    return [replace(estimate, untrained=before[estimate.title]) for estimate in estimates]


def _estimates(model: GenerativeModel, source: Source, split: Split) -> list[Estimate]:
    items, estimates = source.part(split), []
    codes = codes_of(model, items, ITEMS)
    if isinstance(source, Attributed) and (known := source.factors(split)):
        estimates += _disentanglement(codes, known, some(items, ITEMS).numpy())
    if source.spec["num_classes"] and isinstance(model, HasCodes):
        estimates += _clusters(model, codes, classes_of(items, ITEMS))
    kept = {"real": split, **partly(items, ITEMS)}
    return [replace(estimate, protocol={**kept, **estimate.protocol}) for estimate in estimates]


def _disentanglement(
    codes: Tensor, known: Mapping[str, tuple[np.ndarray, Sequence[str]]], order: np.ndarray
) -> list[Estimate]:
    """Score codes (N, D) of the items at `order` (N,) against all that is known of the split's items."""
    columns = {name: np.unique(values[order], return_inverse=True)[1] for name, (values, _) in known.items()}
    columns = {name: column for name, column in columns.items() if column.max() > 0}
    factors = torch.from_numpy(np.stack(list(columns.values()), axis=1))
    shared = {"n": len(codes), "factors": list(columns)}
    halves = {**shared, "learned": "even items", "tested": "odd items"}
    forest = {**halves, "forest": f"{TREES} trees of depth {DEPTH}, all codes at each split"}
    machine = {**halves, "predictor": f"linear support vector machine, C={PENALTY}, balanced"}
    groups = {**shared, "votes": f"{LEARNED} learned, {TESTED} tested", "items in a vote": VOTERS}
    disentanglement, completeness, informativeness = dci(codes, factors)
    guessed = float(torch.stack([torch.bincount(column).max() / len(column) for column in factors.T]).mean())
    taken = {
        "MIG": (mutual_information_gap(codes, factors), {**shared, "bins": BINS}, None),
        "SAP": (separated_predictability(codes, factors), machine, None),
        "DCI disentanglement (forests)": (disentanglement, forest, None),
        "DCI completeness (forests)": (completeness, forest, None),
        "DCI informativeness (forests)": (informativeness, forest, guessed),
        "FactorVAE score": (factor_vae_score(codes, factors), groups, 1 / len(columns)),
    }
    found = {"codes": codes.shape[1]}
    return [
        Estimate(value, None, protocol, found, chance=chance, title=title)
        for title, (value, protocol, chance) in taken.items()
    ]


def _clusters(model: HasCodes, codes: Tensor, y: Tensor) -> list[Estimate]:
    """Accuracy of each category as a guess of the class, once it is known which of its values is which class."""
    estimates, column = [], 0
    for name, part in model.codes().parts.items():
        if isinstance(part, Category):
            protocol = {"n": len(y), "matching": "one to one, the best on these items"}
            accuracy = class_accuracy(codes[:, column].long(), y)
            estimates.append(Estimate(accuracy, None, protocol, title=f"unsupervised accuracy of {name}"))
        column += len(part.axes(name, 0, 2))
    return estimates


def moved(model: GenerativeModel) -> Estimate:
    """Measure which octaves of a picture each code changes: the value is 1 if each changes one only."""
    walks = traversals(model, LATENTS, steps=2)
    samples = model.sample(2 * PAIRS)
    changes = relative_changes(list(walks.values()), *samples.chunk(2)).cpu()
    shares = {name: [round(float(change), 4) for change in row] for name, row in zip(walks, changes, strict=True)}
    protocol = {
        "bands": [f"{side} px" for side in band_sides(samples.shape[-1])],
        "unit": "mean squares of a change from end to end, over those of the difference of two samples",
        "latents": LATENTS,
        "pairs": PAIRS,
    }
    return Estimate(isolation(changes), None, protocol, {"changes": shares})


def _understood(subject: Subject) -> list[Estimate]:
    found = understanding(subject.model, subject.source, lambda: subject.blank, subject.split)
    return [each.under(subject.given) for each in found]


def _known(subject: Subject) -> str:
    few = "few enough codes to be asked one by one"
    return able(Encodes)(subject) or ("" if askable(subject.model, subject.source) else few)


def _moved(subject: Subject) -> str:
    if not movable(subject.model) or not askable(subject.model, subject.source):
        return "few codes that can be moved: choose model=infogan, or an autoencoder with a prior"
    return pictured(subject)


UNDERSTANDING = SubjectFigure(
    name="understanding",
    titles=("MIG", "SAP", "DCI * (forests)", "FactorVAE score", "unsupervised accuracy of *"),
    higher_is_better=True,
    take=_understood,
    needs=_known,
    reads=(),
)
ISOLATION = SubjectFigure(
    name="isolation",
    titles=("isolation of codes",),
    higher_is_better=True,
    take=lambda subject: [moved(subject.model)],
    needs=_moved,
    held_out=False,
    reads=(),
)
