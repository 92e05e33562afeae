"""Levels of pixels as vectors."""

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding


class LevelEmbedding(nn.Module):
    """Embedding of levels: a vector for each level of each channel, and straight lines between neighbours.

    On the levels it is a table, for values without an order, such as tokens; between them gradients reach the values.

    Args:
        channels: Channels C.
        levels: Levels of a channel, two at least.
        size: Size D of a vector.
        spread: Standard deviation of the vectors at first.
    """

    def __init__(self, channels: int, levels: int, size: int, spread: float = 1.0) -> None:
        super().__init__()
        self.levels = levels
        self.table = nn.Parameter(spread * torch.randn(channels * levels, size))

    def forward(self, x: Tensor) -> Tensor:
        """Give the vectors (B, C, *positions, D) of x (B, C, *positions) in [-1, 1]."""
        place = (x.clamp(-1, 1) + 1) * ((self.levels - 1) / 2)
        below = place.detach().floor().clamp(max=self.levels - 2)
        channel = torch.arange(x.shape[1], device=x.device).view(-1, *[1] * (x.ndim - 2))
        row = below.long() + self.levels * channel
        return torch.lerp(embedding(row, self.table), embedding(row + 1, self.table), (place - below)[..., None])
