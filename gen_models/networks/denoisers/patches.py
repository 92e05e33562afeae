"""Patches of pictures as tokens, and tokens as patches."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from gen_models.networks.layers.frequencies import Sinusoids
from gen_models.networks.layers.resampling import cropped, padded
from gen_models.networks.layers.weights import linear, silenced
from gen_models.networks.transformer.blocks import modulated


class Patches(nn.Module):
    """Patch embedding: each patch of a picture as a token, by a linear map (Dosovitskiy et al. 2021).

    https://arxiv.org/abs/2010.11929

    Args:
        channels: Channels of the picture.
        size: Size D of a token.
        patch: Side of a patch; sides that are no multiple of it are padded.
    """

    def __init__(self, channels: int, size: int, patch: int) -> None:
        super().__init__()
        self.patch = patch
        self.layer = linear(channels * patch**2, size)

    def forward(self, x: Tensor) -> Tensor:
        """Give tokens (B, N, D), row by row, of pictures (B, channels, H, W)."""
        return self.layer(pixel_unshuffle(padded(x, self.patch), self.patch).flatten(2).transpose(1, 2))


class Unpatched(nn.Module):
    """Pictures of tokens: adaptive layer normalisation and a linear map to the pixels of a patch, zero at first.

    Peebles and Xie (2023), section 3.2, https://arxiv.org/abs/2212.09748.

    Args:
        channels: Channels of the picture.
        sides: Patches in a column, and in a row.
        size: Size D of a token, and of the embedding.
        patch: Side of a patch.
    """

    def __init__(self, channels: int, sides: Sequence[int], size: int, patch: int) -> None:
        super().__init__()
        self.sides, self.patch = tuple(sides), patch
        self.norm = nn.LayerNorm(size, eps=1e-6, elementwise_affine=False)
        self.modulation = silenced(nn.Linear(size, 2 * size))
        self.layer = silenced(nn.Linear(size, channels * patch**2))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Give pictures (B, channels, H, W) of tokens (B, N, D) for an embedding (B, D)."""
        shift, scale = self.modulation(embedding)[:, None].chunk(2, dim=2)
        pixels = self.layer(modulated(self.norm(x), shift, scale))
        return pixel_shuffle(pixels.transpose(1, 2).unflatten(2, self.sides), self.patch)


class Places(nn.Module):
    """Sinusoidal embedding of the places of a grid, added to tokens: half of it tells the column, half of it the row.

    Peebles and Xie (2023), https://arxiv.org/abs/2212.09748.

    Args:
        sides: Places in a column, and in a row.
        size: Size D of a token.

    Raises:
        ValueError: The size is no multiple of four.
    """

    table: Tensor

    def __init__(self, sides: Sequence[int], size: int) -> None:
        super().__init__()
        if size % 4:
            raise ValueError(f"the width of a transformer on patches must be a multiple of 4, not {size}.")
        waves = Sinusoids(size // 2)
        down, across = (waves(torch.arange(side)).roll(size // 4, dims=1) for side in sides)  # sines first
        table = torch.cat([across.repeat(sides[0], 1), down.repeat_interleave(sides[1], 0)], dim=1)
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give tokens of the same shape (B, N, D), row by row."""
        return x + self.table


class PatchTransformer(nn.Module):
    """Transformer on the patches of pictures: blocks between a map to tokens and one from tokens.

    Args:
        entry: From pictures (B, C, H, W) to tokens (B, N, D).
        blocks: From tokens and an embedding (B, D) to tokens.
        last: From tokens and the embedding to pictures, which may be larger.
    """

    def __init__(self, entry: nn.Module, blocks: Iterable[nn.Module], last: nn.Module) -> None:
        super().__init__()
        self.entry, self.blocks, self.last = entry, nn.ModuleList(blocks), last

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Give pictures of the same sides for pictures (B, C, H, W) and an embedding (B, D)."""
        tokens = self.entry(x)
        for block in self.blocks:
            tokens = block(tokens, embedding)
        return cropped(self.last(tokens, embedding), x)


def grid(sides: Sequence[int], patch: int) -> tuple[int, int]:
    """Patches in a column and in a row of a picture of these sides, the last ones padded."""
    height, width = (-(-side // patch) for side in sides)
    return height, width
