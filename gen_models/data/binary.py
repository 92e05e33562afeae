"""Fixed binarisation of grey images: what likelihoods of binary pixels are published on.

Salakhutdinov & Murray 2008: https://dl.acm.org/doi/10.1145/1390156.1390266
"""

import numpy as np

from gen_models.data.items import ArrayItems

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
        x[start : start + CHUNK] = np.where(stream.random_sample(grey.shape) * 255 < grey, 255, 0)
    return ArrayItems(x, items.y, items.rows)
