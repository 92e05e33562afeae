"""Embedding of the training items: a learnable latent for each."""

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding


class LatentTable(nn.Module):
    """Latent table: a learnable vector for each position in the training set.

    The gradient is dense: under plain SGD only the rows of a batch move, and ranks that average their gradients move
    each row exactly as one process with the whole batch would.

    Args:
        count: Training items.
        dim: Size of a latent.
    """

    def __init__(self, count: int, dim: int) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.zeros(count, dim))

    def forward(self, index: Tensor) -> Tensor:
        """Give the latents (B, dim) of the items at `index` (B,) int64."""
        return embedding(index, self.rows)
