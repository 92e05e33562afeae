"""What codes tell of what is known about the data, and what they change in samples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from gen_models.analysis.codes import codes_of
from gen_models.analysis.space import movable
from gen_models.analysis.subject import Subject, SubjectFigure, able, pictured
from gen_models.analysis.traverse import MOST, traversals
from gen_models.core.abilities import Encodes, HasCodes
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Attributed, classes_of
from gen_models.data.source import Source
from gen_models.latents.code_parts import Category
from gen_models.metrics.bands import band_sides, isolation, relative_changes
from gen_models.metrics.disentanglement import (
    BINS,
    DEPTH,
    TREES,
    VOTERS,
    VOTES,
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
    """Whether the model has codes, and few enough to be asked one by one: a flow has as many as pixels."""
    if isinstance(model, Encodes):
        return codes_of(model, source.test, 1).shape[1] <= MOST
    return isinstance(model, HasCodes)


def understanding(
    model: GenerativeModel, source: Source, untrained: Callable[[], GenerativeModel] | None = None
) -> list[Estimate]:
    """Score codes against the attributes of held-out items, and categories against their classes.

    Args:
        model: Encodes.
        source: The data; without attributes and classes there is nothing to score.
        untrained: Makes the same model before training, to compare with.
    """
    estimates = _estimates(model, source)
    if not estimates or untrained is None:
        return estimates
    blank = {estimate.title: estimate.value for estimate in _estimates(untrained().eval().to(model.device), source)}
    return [replace(estimate, untrained=blank[estimate.title]) for estimate in estimates]


def _estimates(model: GenerativeModel, source: Source) -> list[Estimate]:
    codes, estimates = codes_of(model, source.test, ITEMS), []
    if isinstance(source, Attributed):
        estimates += _disentanglement(codes, source.factors("test"))
    if source.spec["num_classes"] and isinstance(model, HasCodes):
        estimates += _clusters(model, codes, classes_of(source.test, ITEMS))
    return estimates


def _disentanglement(codes: Tensor, known: Mapping[str, tuple[np.ndarray, Sequence[str]]]) -> list[Estimate]:
    columns = {name: np.unique(values[: len(codes)], return_inverse=True)[1] for name, (values, _) in known.items()}
    columns = {name: column for name, column in columns.items() if column.max() > 0}
    factors = torch.from_numpy(np.stack(list(columns.values()), axis=1))
    shared = {"real": "test", "n": len(codes), "factors": list(columns)}
    halves = {"learned": "even items", "tested": "odd items"}
    forest = {**shared, **halves, "forest": f"{TREES} trees of depth {DEPTH}, all codes at each split"}
    disentanglement, completeness, informativeness = dci(codes, factors)
    binned = {**shared, "bins": BINS}
    groups = {**shared, "votes": VOTES, "items in a vote": VOTERS}
    bins = {**binned, **halves, "predictor": "the bin"}
    found = {"codes": codes.shape[1]}
    return [
        Estimate(mutual_information_gap(codes, factors), None, binned, found, title="MIG"),
        Estimate(separated_predictability(codes, factors), None, bins, found, title="SAP"),
        Estimate(disentanglement, None, forest, found, title="DCI disentanglement"),
        Estimate(completeness, None, forest, found, title="DCI completeness"),
        Estimate(informativeness, None, forest, found, title="DCI informativeness"),
        Estimate(factor_vae_score(codes, factors), None, groups, found, title="FactorVAE score"),
    ]


def _clusters(model: HasCodes, codes: Tensor, y: Tensor) -> list[Estimate]:
    """Accuracy of each category as a guess of the class, once it is known which of its values is which class."""
    estimates, column = [], 0
    for name, part in model.codes().parts.items():
        if isinstance(part, Category):
            protocol = {"real": "test", "n": len(y), "matching": "one to one, the best on these items"}
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


def _known(subject: Subject) -> str:
    few = "few enough codes to be asked one by one"
    return able(Encodes)(subject) or ("" if askable(subject.model, subject.source) else few)


def _moved(subject: Subject) -> str:
    if not movable(subject.model) or not askable(subject.model, subject.source):
        return "few codes that can be moved: choose model=infogan, or an autoencoder with a prior"
    return pictured(subject)


UNDERSTANDING = SubjectFigure(
    name="understanding",
    titles=("MIG", "SAP", "DCI *", "FactorVAE score", "unsupervised accuracy of *"),
    higher_is_better=True,
    take=lambda subject: understanding(subject.model, subject.source, subject.untrained),
    needs=_known,
)
ISOLATION = SubjectFigure(
    name="isolation",
    titles=("isolation of codes",),
    higher_is_better=True,
    take=lambda subject: [moved(subject.model)],
    needs=_moved,
)
