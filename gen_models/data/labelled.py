"""Semi-supervised training sets: only some items keep their class."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gen_models.data.items import Stored
from gen_models.errors import UsageError

UNLABELLED = -1


class LabelledItems:
    """Semi-supervised items: a whole set with class -1 where the label is hidden, then those with a label again.

    Items keep their positions, and the repetitions follow them. Pixels are not copied.

    Args:
        items: The whole set, with all its labels.
        labelled: How many items keep theirs: as many of each class as there are, chosen once and for all.
        share: Share of the labelled ones in what is seen, reached by repeating them.

    Raises:
        UsageError: If there are fewer items than that.
    """

    def __init__(self, items: Stored, labelled: int, share: float) -> None:
        if labelled > len(items):
            raise UsageError(f"data.labelled={labelled} asks for more labels than there are items: {len(items)}.")
        chosen = balanced(items.classes, labelled)
        again = max(0, round((share * len(items) - labelled) / (1 - share)))
        self.items = items
        self.rows = np.concatenate([np.arange(len(items)), np.resize(chosen, again)])
        self.hidden = np.ones(len(items), bool)
        self.hidden[chosen] = False

    def __len__(self) -> int:
        return len(self.rows)

    def gather(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """As of `ArrayItems`, with y = -1 for the hidden."""
        rows = self.rows[np.asarray(indices, dtype=np.int64)]
        x, y = self.items.gather(rows.tolist())
        return x, y.masked_fill(torch.from_numpy(self.hidden[rows]), UNLABELLED)


def balanced(y: np.ndarray, count: int) -> np.ndarray:
    """Positions of `count` items by a fixed shuffle: one of each class in turn, as long as a class has any left."""
    order = np.random.RandomState(0).permutation(len(y))  # RandomState, whose stream numpy has frozen
    mates = np.empty(len(y), np.int64)  # how many of its class come before an item
    for name in np.unique(y):
        of_class = y[order] == name
        mates[of_class] = np.arange(of_class.sum())
    return order[np.lexsort((y[order], mates))[:count]]
