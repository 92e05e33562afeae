"""Position embeddings of tokens in a picture: what tells a transformer the row, the column and the channel."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from gen_models.networks.layers.frequencies import Sinusoids

SPREAD = 0.02
"""Standard deviation of learned embeddings at first (Radford et al. 2018, GPT)."""


Places = Literal["axes", "each"]
"""Learned vectors of places: of rows, columns and channels, which are added; or of each place by itself."""


class EachPlace(nn.Module):
    """Learned position embedding, added to tokens: a vector for each of them, from N(0, 0.01²) (openai/image-gpt).

    Args:
        tokens: How many.
        size: Size D of a token.
    """

    def __init__(self, tokens: int, size: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(0.01 * torch.randn(tokens, size))

    def forward(self, x: Tensor) -> Tensor:
        """Give tokens of the same shape (B, N, D)."""
        return x + self.vectors

    def table(self) -> Tensor:
        """Give the embeddings (N, D) of all tokens."""
        return self.vectors


class LearnedPlaces(nn.Module):
    """Learned position embedding, added to tokens: a vector for each row, one for each column, one for each channel.

    Parmar et al. (2018), Image Transformer, section 3.1, https://arxiv.org/abs/1802.05751, where it is one of two ways.

    Args:
        sides: Rows and columns.
        channels: Tokens at a position.
        size: Size D of a token.
    """

    def __init__(self, sides: Sequence[int], channels: int, size: int) -> None:
        super().__init__()
        lengths = (sides[0], sides[1], channels)
        self.tables = nn.ParameterList(SPREAD * torch.randn(length, size) for length in lengths)

    def forward(self, x: Tensor) -> Tensor:
        """Give tokens of the same shape (B, N, D), row by row."""
        return x + self.table()

    def table(self) -> Tensor:
        """Give the embeddings (N, D) of all tokens."""
        rows, columns, channels = self.tables
        return (rows[:, None, None] + columns[:, None] + channels).flatten(0, 2)


def turns_of(sides: Sequence[int], channels: int, size: int) -> Tensor:
    """Axial rotary position embedding (RoPE): angles of which half follow the row of a token, and half its column.

    Su et al. (2021), https://arxiv.org/abs/2104.09864, along both axes; the channels of a position share theirs.

    Args:
        sides: Rows and columns.
        channels: Tokens at a position.
        size: Channels of a head.

    Returns:
        (N, size): cosines of size / 2 angles, then their sines.

    Raises:
        ValueError: The channels can't be shared by two axes of pairs.
    """
    if size % 4:
        raise ValueError(f"rotary positions take a multiple of 4 channels a head, not {size}: change width or heads.")
    rows, columns = (Sinusoids(size // 2)(torch.arange(side)).unflatten(1, (2, -1)) for side in sides)
    shape = sides[0], sides[1], -1, -1
    both = torch.cat([rows[:, None].expand(shape), columns[None].expand(shape)], dim=3)
    return both.flatten(0, 1).flatten(1).repeat_interleave(channels, 0)
