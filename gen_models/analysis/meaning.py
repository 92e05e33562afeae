"""Whether latents mean something: do neighbours among them share what is known of their items?"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from gen_models.analysis.codes import training_codes
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Attributed, batches, classes_of, some
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.metrics.record import Record
from gen_models.metrics.standard_errors import mean_error

CHUNK = 1000


def shared(model: GenerativeModel, source: Source, n: int, k: int) -> tuple[list[Record], Tensor, Tensor]:
    """Look for the `k` nearest neighbours of `n` training items, among their codes and among their pixels.

    Returns:
        How alike these are in all that the data know of them; the items (N, *shape); the neighbours by codes (N, k).

    Raises:
        UsageError: The model has no codes, or there are too few items.
    """
    codes = training_codes(model, source, n)
    if len(codes) <= k:
        raise UsageError(f"{len(codes)} training items are too few for --k {k}: lower it.")
    pictures = torch.cat([x for x, _ in batches(source.train, some(source.train, n), CHUNK)])
    found = {"codes": nearest(codes, k), "pixels": nearest(pictures.flatten(1), k)}
    known = _attributes(source, len(codes))
    records = [record for space, neighbours in found.items() for record in agreement(neighbours, known, space)]
    return records, pictures, found["codes"]


def _attributes(source: Source, n: int) -> Mapping[str, Tensor]:
    if isinstance(source, Attributed) and (known := source.factors("train")):
        order = some(source.train, n)
        return {name: torch.from_numpy(values)[order] for name, (values, _) in known.items()}
    return {"class": classes_of(source.train, n)}


def nearest(codes: Tensor, k: int) -> Tensor:
    """Positions (N, k) of the nearest other rows of codes (N, D), the nearest first."""
    parts = []
    for start in range(0, len(codes), CHUNK):
        distances = torch.cdist(codes[start : start + CHUNK], codes)
        distances.diagonal(start).fill_(math.inf)
        parts.append(distances.topk(k, largest=False).indices)
    return torch.cat(parts)


def agreement(neighbours: Tensor, attributes: Mapping[str, Tensor], space: str) -> list[Record]:
    """How often a neighbour has the item's own value, for each attribute.

    Args:
        neighbours: (N, k) positions.
        attributes: By name: values (N,) int64.
        space: Where they are neighbours, for the protocol.

    Returns:
        A record for each attribute: the share with its standard error over items, and that of two items picked at
        random as `chance`.
    """
    fixed = {"space": space, "n": len(neighbours), "k": neighbours.shape[1], "real": "train"}
    records = []
    for name, values in attributes.items():
        same = (values[neighbours] == values[:, None]).double().mean(1)
        _, counts = values.unique(return_counts=True)
        chance = float((counts * (counts - 1)).sum() / (len(values) * (len(values) - 1)))
        title, value = f"neighbours in {space} alike in {name}", float(same.mean())
        error = mean_error(same)
        records.append(
            Record(metric=title, value=value, higher_is_better=True, error=error, chance=chance, protocol=fixed)
        )
    return records


def beside(pictures: Tensor, neighbours: Tensor, rows: int) -> Tensor:
    """Rows of pictures (rows · (1 + k), *shape): each of the first items, and its neighbours."""
    order = torch.cat([torch.arange(rows)[:, None], neighbours[:rows]], dim=1)
    return pictures[order.flatten()]
