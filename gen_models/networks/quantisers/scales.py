"""Multi-scale residual quantisation: a map as tokens of growing grids (Tian et al. 2024, VAR, section 3.2).

https://arxiv.org/abs/2404.02905
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, mse_loss

from gen_models.bounds import Fraction, Positive, Share, Weight
from gen_models.networks.layers.ranks import summed
from gen_models.networks.layers.typed import Layers
from gen_models.networks.quantisers.base import Quantised, Quantiser, flat, looked_up, nearest, straight_through
from gen_models.networks.quantisers.codebooks import begun_anew, first_codes
from gen_models.networks.quantisers.usage import tally
from gen_models.networks.tokenisers.base import grid_of

Grid = tuple[int, int]
"""Rows and columns."""


class MultiScaleVQ(Quantiser):
    """Residual vector quantisation over scales: the coarsest grid of tokens first, then what it left over, and so on.

    Tian et al. (2024), algorithms 1 and 2, https://arxiv.org/abs/2404.02905, as in FoundationVision/VAR, quant.py: what
    is left of the map is averaged down to the grid of a scale, quantised, brought back to the map's size by bicubic
    interpolation, smoothed by a convolution, and taken away. All scales share one codebook, which follows gradients.
    The terms are means over scales of those of `VQ` (its `codebook` and `commitment`) for the sum of the scales so far.

    Tokens are a single row (B, 1, N), scale after scale.

    Args:
        shape: (C, H, W) of a picture.
        size: Size D of a code.
        halvings: How often the picture's sides are halved to those of the map.
        codes: How many K there are.
        scales: Rows of each scale's grid, which has its columns in proportion; None: see `shrink`.
        shrink: Each side from that of the next scale, down from the map's: 0.8 gives 1, 2, 3, 4, 5, 6, 8, 10, 13 and
            16, those of the paper.
        commitment: β, which keeps vectors near their codes.
        mixers: Convolutions that smooth, each shared by neighbouring scales.
        mixed: Share of the convolution in what is smoothed.
        revived: Of an even use, the share below which a code begins anew at a random vector; 0 for never, as in the
            authors' code.

    Attributes:
        grids: Rows and columns of each scale.
        counts: How often each code is used in a turn, as a moving mean.

    Raises:
        ValueError: The samples are no pictures, or the scales do not rise to the map's own rows.
    """

    counts: Tensor

    def __init__(
        self,
        shape: Sequence[int],
        size: int,
        halvings: int,
        codes: Positive = 4096,
        scales: Sequence[Positive] | None = None,
        shrink: Fraction = 0.8,
        commitment: Weight = 0.25,
        mixers: Positive = 4,
        mixed: Share = 0.5,
        revived: Weight = 0.05,
    ) -> None:
        super().__init__(size, codes)
        rows, columns = grid_of(shape, halvings)
        sides = list(scales) if scales is not None else shrinking(rows, shrink)
        if not sides or sides != sorted(set(sides)) or sides[-1] != rows:
            raise ValueError(
                f"scales={sides} must rise to the {rows} rows of the map: leave network.quantiser.scales=null."
            )
        self.grids: list[Grid] = [(side, max(1, round(columns * side / rows))) for side in sides]
        self.commitment, self.revived = commitment, revived
        self.codebook = nn.Parameter(first_codes(codes, size))
        self.register_buffer("counts", torch.ones(codes))
        self.mixers = Layers[Mixer](Mixer(size, mixed) for _ in range(mixers))

    def token_grids(self, grid: Grid) -> Sequence[Grid]:
        """Rows and columns of each scale; raise a ValueError for a map of another size."""
        if grid != self.grids[-1]:
            raise ValueError(
                f"the quantiser is for maps of {list(self.grids[-1])} vectors, and the encoder has {list(grid)}: set "
                "network.quantiser.halvings=${network.encoder.halvings}."
            )
        return self.grids

    def forward(self, z: Tensor) -> Quantised:
        """Quantise a map (B, D, h, w)."""
        z = z.float()
        tokens, losses = [], {"codebook": z.new_zeros(()), "commitment": z.new_zeros(())}
        total = torch.zeros_like(z)
        for scale, grid in enumerate(self.grids):
            index = nearest(reduced((z - total).detach(), grid), self.codebook)
            total = total + self.enlarged(scale, index)
            tokens.append(index.flatten(1))
            losses["codebook"] += mse_loss(total, z.detach()) / len(self.grids)
            losses["commitment"] += self.commitment * mse_loss(total.detach(), z) / len(self.grids)
        return Quantised(straight_through(z, total), torch.cat(tokens, dim=1)[:, None], losses)

    @torch.no_grad()
    def follow(self, z: Tensor, index: Tensor) -> None:
        """Take in the use of codes, and begin unused ones anew at what scales had to quantise."""
        super().follow(z, index)
        self.counts.lerp_(summed(tally(index, self.codes)), 0.01)
        if self.revived:
            before = [torch.zeros_like(z), *self.sums_before(index)]
            rest = [flat(reduced(z - total, grid)) for total, grid in zip(before, self.grids, strict=True)]
            unused, drawn = begun_anew(self.counts, self.revived, torch.cat(rest))
            self.codebook.copy_(torch.where(unused[:, None], drawn, self.codebook))

    def enlarged(self, scale: int, index: Tensor) -> Tensor:
        """Give what the tokens (B, h_k, w_k) of one scale add to the map, (B, D, h, w), in float32 at any precision."""
        code = looked_up(index, self.codebook)
        if scale + 1 < len(self.grids):
            code = interpolate(code, self.grids[-1], mode="bicubic")
        with torch.autocast(code.device.type, enabled=False):
            return self.mixers[self._mixer(scale)](code)

    def sums(self, tokens: Tensor) -> Iterator[Tensor]:
        """Give the map (B, D, h, w) after each scale of tokens (B, 1, N), the coarsest first."""
        return accumulate(self.enlarged(scale, index) for scale, index in enumerate(self.split(tokens)))

    def sums_before(self, tokens: Tensor) -> Sequence[Tensor]:
        """Give the map (B, D, h, w) before each scale but the first of tokens (B, 1, N)."""
        return list(islice(self.sums(tokens), len(self.grids) - 1))

    def split(self, tokens: Tensor) -> Sequence[Tensor]:
        """Give the tokens (B, h_k, w_k) of each scale of (B, 1, N)."""
        parts = tokens.flatten(1).split([rows * columns for rows, columns in self.grids], dim=1)
        return [part.unflatten(1, grid) for part, grid in zip(parts, self.grids, strict=True)]

    def embed(self, index: Tensor) -> Tensor:
        """Give the map (B, D, h, w) of tokens (B, 1, N)."""
        *_, total = self.sums(index)
        return total

    def _mixer(self, scale: int) -> int:
        """Which convolution smooths a scale: the one whose place among all is nearest, as in the authors' code."""
        count = len(self.mixers)
        edge = 1 / (3 if count == 4 else 2) / count
        places = np.linspace(edge, 1 - edge, count)  # whose rounding decides between two that are as near
        return int(np.abs(places - scale / max(1, len(self.grids) - 1)).argmin())


class Mixer(nn.Conv2d):
    """Convolution of which only a share is taken, beside what it reads: (1 - r) x + r conv(x).

    Args:
        size: Features.
        mixed: The share r.
    """

    def __init__(self, size: int, mixed: float) -> None:
        super().__init__(size, size, 3, padding=1)
        self.mixed = mixed

    def forward(self, x: Tensor) -> Tensor:
        """Give a map of the same shape."""
        return (1 - self.mixed) * x + self.mixed * super().forward(x)


def reduced(z: Tensor, grid: Grid) -> Tensor:
    """Average a map (B, D, h, w) down to a grid (B, D, h_k, w_k)."""
    return interpolate(z, grid, mode="area")


def shrinking(side: int, share: float) -> list[int]:
    """Give rising sides down from the last one, each the rounded share of the next, to 1."""
    sides = [side]
    while sides[-1] > 1:
        sides.append(max(1, min(sides[-1] - 1, round(share * sides[-1]))))
    return sides[::-1]
