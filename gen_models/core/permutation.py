"""Keyed permutations of very many items, computed where they are asked for and never held."""

import torch
from torch import Tensor

from gen_models.randomness import generator

DRAWN = 2**25
"""Items up to which a permutation is drawn and kept, which takes 8 bytes an item."""
ROUNDS = 6
MIX = (0x9E3779B97F4A7C15 - 2**64, 0xBF58476D1CE4E5B9 - 2**64)
"""Odd multipliers of splitmix64 (Steele et al. 2014, https://doi.org/10.1145/2660193.2660195), as signed numbers."""


class KeyedPermutation:
    """Keyed (pseudorandom) permutation of 0, …, count - 1: a Feistel network with cycle walking.

    Luby and Rackoff (1988), https://doi.org/10.1137/0217022; outputs beyond the last item are sent through again, as
    Black and Rogaway (2002) do, https://doi.org/10.1007/3-540-45760-7_9. It takes no memory, where a drawn permutation
    of 10⁸ items takes 800 MB.

    Args:
        count: Items.
        key: What it is keyed by.
    """

    def __init__(self, count: int, *key: str | int) -> None:
        self.count = count
        bits = max(2, (count - 1).bit_length())
        self.right = bits // 2
        self.masks = (2 ** (bits - self.right) - 1, 2**self.right - 1)
        self.keys = torch.randint(2**62, (ROUNDS,), generator=generator(*key)).tolist()

    def __call__(self, positions: Tensor) -> Tensor:
        """Give the items (N,) at positions (N,) int64."""
        items = self._mixed(positions)
        while (beyond := items >= self.count).any():
            items[beyond] = self._mixed(items[beyond])
        return items

    def _mixed(self, x: Tensor) -> Tensor:
        """Change either half by the other, in turn: each of these steps can be undone."""
        left, right = x >> self.right, x & self.masks[1]
        for number, key in enumerate(self.keys):
            if number % 2:
                right = right ^ (_hashed(left, key) & self.masks[1])
            else:
                left = left ^ (_hashed(right, key) & self.masks[0])
        return (left << self.right) | right


def _hashed(x: Tensor, key: int) -> Tensor:
    """Mix the bits of int64; products run over, as they should."""
    x = (x ^ key) * MIX[0]
    x = (x ^ ((x >> 31) & (2**33 - 1))) * MIX[1]
    return x ^ ((x >> 29) & (2**35 - 1))
