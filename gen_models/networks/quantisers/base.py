"""Quantisers of feature maps: what all have in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gen_models.networks.quantisers.usage import Usage


class Quantised(NamedTuple):
    """Quantised map, with its tokens and the losses of the quantiser.

    Attributes:
        z: (B, D, h, w) the codes, through which gradients pass to the map.
        tokens: (B, h, w) int64 which codes they are; of several levels (B, 1, N), level after level.
        losses: Named terms, means over all numbers of the map.
    """

    z: Tensor
    tokens: Tensor
    losses: dict[str, Tensor]


class Quantiser(nn.Module, ABC):
    """Quantiser: each vector of a map becomes one of so many codes.

    Args:
        size: Size D of a vector.
        codes: How many codes K there are.
    """

    def __init__(self, size: int, codes: int) -> None:
        super().__init__()
        self.size, self.codes = size, codes
        self.usage = Usage(codes)

    @abstractmethod
    def forward(self, z: Tensor) -> Quantised:
        """Quantise a map (B, D, h, w)."""

    @abstractmethod
    def embed(self, index: Tensor) -> Tensor:
        """Give the codes (B, D, h, w) of tokens (B, h, w)."""

    def token_grids(self, grid: tuple[int, int]) -> Sequence[tuple[int, int]]:
        """Rows and columns of each level of the tokens of a map (h, w): here one, with a token at each place."""
        return [grid]

    def follow(self, z: Tensor, index: Tensor) -> None:
        """Take in what a training batch (B, D, h, w) became: the use of codes, and what learns without gradients."""
        self.usage.observe(index)


def straight_through(z: Tensor, code: Tensor) -> Tensor:
    """Straight-through estimator: the code, whose gradient is handed to z unchanged (Bengio et al. 2013).

    https://arxiv.org/abs/1308.3432
    """
    return z + (code - z).detach()


@torch.no_grad()
def nearest(z: Tensor, codebook: Tensor) -> Tensor:
    """Give the nearest codes (B, h, w) to the vectors of a map (B, D, h, w), by Euclidean distance.

    Args:
        z: The map.
        codebook: (K, D).
    """
    vectors = flat(z)
    with torch.autocast(z.device.type, enabled=False):
        distances = codebook.square().sum(1) - 2 * vectors @ codebook.t()  # less ‖z‖², which all share
    return distances.argmin(1).view(len(z), *z.shape[2:])


def flat(z: Tensor) -> Tensor:
    """Give the vectors (B·h·w, D) of a map in float32."""
    return z.float().flatten(2).transpose(1, 2).flatten(0, 1)


def looked_up(index: Tensor, codebook: Tensor) -> Tensor:
    """Give the codes (B, D, h, w) of tokens (B, h, w)."""
    return nn.functional.embedding(index, codebook).permute(0, 3, 1, 2)
