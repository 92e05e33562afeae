"""Which classes samples are asked for: in the proportions of the data that they are compared with."""

import torch
from torch import Tensor


def apportioned(y: Tensor, n: int) -> Tensor:
    """Give classes (n,) int64 in the proportions of y (N,), by largest remainders (Hamilton's method).

    The order is fixed, and spreads each class evenly, so that every part has about these proportions too; classes
    that are equally frequent come in turn.

    Args:
        y: Classes of items, not negative.
        n: How many to give.
    """
    counts = torch.bincount(y) * n
    each, remainders = counts // len(y), counts % len(y)
    each[remainders.argsort(descending=True, stable=True)[: n - int(each.sum())]] += 1
    places = torch.cat([(torch.arange(count) + 0.5) / count for count in each.tolist()])
    return torch.arange(len(each)).repeat_interleave(each)[places.argsort(stable=True)]
