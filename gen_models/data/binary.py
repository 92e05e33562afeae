"""Binarisation of grey images, fixed or dynamic: what likelihoods of binary pixels are published on.

Salakhutdinov & Murray 2008: https://dl.acm.org/doi/10.1145/1390156.1390266
"""

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from gen_models.data.items import ArrayItems

Binary = bool | Literal["anew"]
"""Whether pixels are drawn black or white, by their grey values: once (True), or those of training items in every turn
(dynamic binarisation, "anew"). Held-out items are drawn once in both."""

CHUNK = 1000


def binarised(items: ArrayItems, seed: int) -> ArrayItems:
    """Draw each pixel once: white with the probability of its grey value, else black.

    Args:
        items: Grey images.
        seed: Of the draws: the same in every run, and another for each split.
    """
    stream = np.random.RandomState(seed)  # whose stream numpy has frozen
    x = np.empty_like(items.x)
    for start in range(0, len(x), CHUNK):
        grey = items.x[start : start + CHUNK]
        x[start : start + CHUNK] = drawn(torch.from_numpy(grey), torch.from_numpy(stream.random_sample(grey.shape)))
    return ArrayItems(x, items.y, items.rows)


def drawn(grey: Tensor, chance: Tensor) -> Tensor:
    """Make pixels of grey values uint8 white where `chance`, as many numbers of [0, 1), is below theirs, else black."""
    return 255 * (chance * 255 < grey).to(torch.uint8)
