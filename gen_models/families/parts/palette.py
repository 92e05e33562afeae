"""Palettes: pixels as tokens of a few bits (Image GPT: Chen et al. 2020, https://openai.com/index/image-gpt/)."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import torch
from torch import Tensor, nn

from gen_models.bounds import AtLeast, Positive
from gen_models.data.interface import batches
from gen_models.data.source import Source
from gen_models.media.pixels import from_levels, to_levels
from gen_models.networks.quantisers.base import looked_up, nearest

BATCH = 100
ROUNDS = 100
"""Of k-means, at most."""


class Palette(nn.Module):
    """Colour palette: a tokeniser without weights, for which each pixel is the nearest of so many colours.

    Chen et al. (2020), section 3.1, https://openai.com/index/image-gpt/: 512 colours, found by k-means among the pixels
    of training items, make one token of 9 bits of three channels of 8. Tokens are in the order of pixels, row by row.
    Where the data have no more colours than that, nothing is lost.

    Args:
        shape: (C, H, W) of a picture.
        levels: Levels of a channel.
        colours: How many there are.
        items: Training items whose pixels are looked at, drawn at random by the seed of the run.

    Attributes:
        table: (colours, C) their levels, whole numbers.

    Raises:
        ValueError: The data are no pictures.
    """

    classes = 0
    table: Tensor

    def __init__(
        self,
        shape: Sequence[int],
        levels: int | None,
        colours: Annotated[int, AtLeast(2)] = 512,
        items: Positive = 200,
    ) -> None:
        super().__init__()
        if levels is None or len(shape) != 3:
            raise ValueError(
                f"a palette has colours of pictures, and the data has shape {list(shape)}: use data=digits."
            )
        channels, height, width = shape
        self.levels, self.items = levels, items
        self.vocabulary, self.grid, self.token_grids = colours, (height, width), [(height, width)]
        self.register_buffer("table", torch.zeros(colours, channels))

    def prepare(self, source: Source) -> None:
        """Find the colours of the data."""
        order = torch.randperm(len(source.train))[: self.items]
        pixels = [to_levels(x, self.levels).movedim(1, 3).flatten(0, 2) for x, _ in batches(source.train, order, BATCH)]
        self.table.copy_(torch.from_numpy(clustered(torch.cat(pixels).numpy(), self.vocabulary)).float())

    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the nearest colours (B, H, W) int64 of pictures (B, C, H, W) in [-1, 1]."""
        return nearest(to_levels(x, self.levels), self.table)  # distances of whole numbers are exact

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the pictures (B, C, H, W) in [-1, 1] of colours (B, H, W)."""
        return from_levels(looked_up(tokens, self.table), self.levels)


def clustered(pixels: np.ndarray, colours: int) -> np.ndarray:
    """Cluster pixels by k-means, from k-means++ with a seed of its own (Arthur & Vassilvitskii 2007).

    https://dl.acm.org/doi/10.5555/1283383.1283494

    Args:
        pixels: (N, C) levels.
        colours: How many clusters K there are.

    Returns:
        (K, C) float64 means on whole levels; all different pixels, repeated, where there are at most as many.
    """
    from sklearn.cluster import KMeans

    found, counts = np.unique(pixels, axis=0, return_counts=True)
    if len(found) <= colours:
        return np.resize(found, (colours, found.shape[1])).astype(np.float64)
    means = KMeans(colours, n_init=1, max_iter=ROUNDS, random_state=0).fit(found, sample_weight=counts)
    return np.rint(means.cluster_centers_)
