"""What codes tell of what is known about the data, and what they change in samples."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from gen_models.analysis.codes import codes_of
from gen_models.analysis.traverse import MOST, traverse
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
from gen_models.metrics.record import Record

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
) -> list[Record]:
    """Score codes against the attributes of held-out items, and categories against their classes.

    Args:
        model: Encodes.
        source: The data; without attributes and classes there is nothing to score.
        untrained: Makes the same model before training, for the ceilings.
    """
    figures = _figures(model, source)
    if not figures or untrained is None:
        return figures
    blank = {record.label: record.value for record in _figures(untrained().eval().to(model.device), source)}
    return [Record(r.metric, r.value, ceiling=blank[r.label], protocol=r.protocol) for r in figures]


def _figures(model: GenerativeModel, source: Source) -> list[Record]:
    codes, records = codes_of(model, source.test, ITEMS), []
    if isinstance(source, Attributed):
        records += _disentanglement(codes, source.factors("test"))
    if source.spec["num_classes"] and isinstance(model, HasCodes):
        records += _clusters(model, codes, classes_of(source.test, ITEMS))
    return records


def _disentanglement(codes: Tensor, known: Mapping[str, tuple[np.ndarray, Sequence[str]]]) -> list[Record]:
    columns = {name: np.unique(values[: len(codes)], return_inverse=True)[1] for name, (values, _) in known.items()}
    columns = {name: column for name, column in columns.items() if column.max() > 0}
    factors = torch.from_numpy(np.stack(list(columns.values()), axis=1))
    shared = {"real": "test", "n": len(codes), "codes": codes.shape[1], "factors": list(columns)}
    halves = {"learned": "even items", "tested": "odd items"}
    forest = {**shared, **halves, "forest": f"{TREES} trees of depth {DEPTH}, all codes at each split"}
    disentanglement, completeness, informativeness = dci(codes, factors)
    binned = {**shared, "bins": BINS}
    groups = {**shared, "votes": VOTES, "items in a vote": VOTERS}
    return [
        Record("MIG", mutual_information_gap(codes, factors), protocol=binned),
        Record("SAP", separated_predictability(codes, factors), protocol={**binned, **halves, "predictor": "the bin"}),
        Record("DCI disentanglement", disentanglement, protocol=forest),
        Record("DCI completeness", completeness, protocol=forest),
        Record("DCI informativeness", informativeness, protocol=forest),
        Record("FactorVAE score", factor_vae_score(codes, factors), protocol=groups),
    ]


def _clusters(model: HasCodes, codes: Tensor, y: Tensor) -> list[Record]:
    """Accuracy of each category as a guess of the class, once it is known which of its values is which class."""
    records, column = [], 0
    for name, part in model.codes().parts.items():
        if isinstance(part, Category):
            protocol = {"real": "test", "n": len(y), "matching": "one to one, the best on these items"}
            accuracy = class_accuracy(codes[:, column].long(), y)
            records.append(Record(f"unsupervised accuracy of {name}", accuracy, protocol=protocol))
        column += len(part.axes(name, 0, 2))
    return records


def moved(model: GenerativeModel) -> Record:
    """Measure which octaves of a picture each code changes: the value is 1 if each changes one only."""
    walks = traverse(model, LATENTS, steps=2)
    samples = model.sample(2 * PAIRS)
    changes = relative_changes(list(walks.values()), *samples.chunk(2)).cpu()
    shares = {name: [round(float(change), 4) for change in row] for name, row in zip(walks, changes, strict=True)}
    protocol = {
        "bands": [f"{side} px" for side in band_sides(samples.shape[-1])],
        "changes": shares,
        "unit": "mean squares of a change from end to end, over those of the difference of two samples",
        "latents": LATENTS,
        "pairs": PAIRS,
    }
    return Record("isolation of codes", isolation(changes), protocol=protocol)
