"""A latent for each training item."""

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding


class LatentTable(nn.Module):
    """Vectors looked up by an item's position in the training set.

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
