"""Finite scalar quantisation: a grid in place of a codebook (Mentzer et al. 2024, https://arxiv.org/abs/2309.15505)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from gen_models.networks.quantisers.base import Quantised, Quantiser


class FSQ(Quantiser):
    """Finite scalar quantisation: each number of a vector is bounded and rounded to one of a few values.

    Mentzer et al. (2024), https://arxiv.org/abs/2309.15505. There is no codebook to learn, and none to collapse.

    Args:
        levels: Values of each of the D numbers; their product is the number of codes. Published: (8, 5, 5, 5) for
            1,000, (8, 8, 8, 6, 5) for 15,360; at least 5 each.
    """

    levels: Tensor
    basis: Tensor

    def __init__(self, levels: Sequence[int] = (8, 5, 5, 5)) -> None:
        super().__init__(len(levels), math.prod(levels))
        values = torch.tensor(list(levels))
        self.register_buffer("levels", values[:, None, None], persistent=False)
        self.register_buffer("basis", (values.cumprod(0) // values)[:, None, None], persistent=False)

    def forward(self, z: Tensor) -> Quantised:
        """Quantise a map (B, D, h, w)."""
        bounded = self.bounded(z.float())
        whole = bounded + (bounded.round() - bounded).detach()
        half = self.levels // 2
        index = ((whole.detach().round().long() + half) * self.basis).sum(1)
        return Quantised(whole / half, index, {})

    def bounded(self, z: Tensor) -> Tensor:
        """Squash numbers so that they round to one of their L values, which are whole and around zero.

        As in the authors' code (google-research/google-research, fsq/fsq.ipynb): an even L is moved by a half, and the
        tangent, nearly tanh's inverse, leaves 0 where it is.
        """
        half = (self.levels - 1) * (1 - 1e-3) / 2
        offset = 0.5 * (self.levels % 2 == 0)
        return (z + (offset / half).tan()).tanh() * half - offset

    def embed(self, index: Tensor) -> Tensor:
        """Give the codes (B, D, h, w) in [-1, 1] of tokens (B, h, w)."""
        half = self.levels // 2
        return ((index[:, None] // self.basis) % self.levels - half) / half
