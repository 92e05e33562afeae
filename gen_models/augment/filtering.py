"""Affine warps that are filtered against aliasing (Karras et al. 2020, appendix B, https://arxiv.org/abs/2006.06676).

A picture is doubled, warped between the pixels of the double, and halved again, with the low-pass filter of the wavelet
sym6 before and after (Daubechies 1992, Ten lectures on wavelets). NVlabs/edm, training/augment.py, does the same.
"""

import torch
from torch import Tensor
from torch.nn.functional import pad

from gen_models.augment.geometry import bilinear, positions, scaling, translation
from gen_models.networks.layers.resampling import along_sides, filtered

SYM6 = (
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466,
    0.787641141030194, 0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578,
    0.0017677118642428036, -0.007800708325034148,
)  # fmt: skip
"""Taps of the wavelet's low-pass filter; their sum is √2."""
MARGIN = len(SYM6) // 4
"""Pixels around a picture that the last filter sees."""


def filtered_warp(x: Tensor, matrix: Tensor) -> Tensor:
    """Affine warp as `geometry.warp`, filtered; what lies further out than one mirrored picture is grey.

    Args:
        x: (B, C, H, W).
        matrix: (B, 3, 3) on (column, row, 1), in pixels from the centre.
    """
    sides = x.shape[2:]
    doubled = along_sides(x, *(_doubling(side, x) for side in sides))
    row, column = positions(_between_doubles(matrix), [2 * (side + 2 * MARGIN) for side in sides], doubled.shape[2:])
    row, column = ((place + 1).clamp(0, side + 1) for place, side in zip((row, column), doubled.shape[2:], strict=True))
    moved = bilinear(pad(doubled, (1, 1, 1, 1)), row, column)  # nothing but the ring of zeros is further out
    return along_sides(moved, *(_halving(side, x) for side in moved.shape[2:]))


def _between_doubles(matrix: Tensor) -> Tensor:
    """The same map in pixels of doubled pictures, whose filter moves them by half a pixel."""
    two, half = (matrix.new_full((len(matrix), *shape), value) for shape, value in (((), 2.0), ((2,), 0.5)))
    return translation(-half) @ scaling(two, two) @ matrix @ scaling(1 / two, 1 / two) @ translation(half)


def _doubling(side: int, like: Tensor) -> Tensor:
    """Matrix (2 (3 side - 2), side): mirror pixels at both ends, put zeros between them, and filter."""
    mirrored = pad(torch.eye(side, dtype=like.dtype, device=like.device)[None], (side - 1, side - 1), mode="reflect")[0]
    spaced = torch.stack([mirrored, torch.zeros_like(mirrored)], dim=2).flatten(1)
    half = len(SYM6) // 2
    return filtered(pad(spaced, (half, half - 1)), 2 * _taps(like).flip(0)).T


def _halving(side: int, like: Tensor) -> Tensor:
    """Matrix (side / 2 - 2 MARGIN, side): filter, and keep every second pixel within the margin."""
    pixels = torch.eye(side, dtype=like.dtype, device=like.device)
    return filtered(pixels[:, 1:-1], _taps(like), stride=2).T


def _taps(like: Tensor) -> Tensor:
    taps = torch.tensor(SYM6, dtype=torch.float64)
    return (taps / taps.sum()).to(like)
