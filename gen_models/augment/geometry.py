"""Geometric transformations of images: shifts, and affine warps that can be differentiated twice."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad


def random_shift(x: Tensor, fraction: float, mode: str) -> Tensor:
    """Random translation of each image by whole pixels, up to `fraction` of its sides, to the nearest pixel.

    Args:
        x: (B, C, H, W).
        fraction: The largest shift.
        mode: What comes in at the border, as in `torch.nn.functional.pad`.
    """
    down, right = (int(side * fraction + 0.5) for side in x.shape[2:])
    padded = pad(x, (right, right, down, down), mode=mode)
    rows = _shifted(x, 2, down).expand(-1, x.shape[1], -1, padded.shape[3])
    columns = _shifted(x, 3, right).expand(-1, x.shape[1], x.shape[2], -1)
    return padded.gather(2, rows).gather(3, columns)


def _shifted(x: Tensor, dim: int, most: int) -> Tensor:
    """Positions along `dim` of the padded images, (B, 1, H, 1) or (B, 1, 1, W)."""
    shape = [1, 1, 1, 1]
    shape[dim] = -1
    positions = torch.arange(x.shape[dim], device=x.device).view(shape)
    return positions + torch.randint(2 * most + 1, (len(x), 1, 1, 1), device=x.device)


def scaling(across: Tensor, down: Tensor) -> Tensor:
    """Scaling matrices (B, 3, 3) of two factors (B,)."""
    return torch.stack([across, down, torch.ones_like(across)], dim=1).diag_embed()


def rotation(angle: Tensor) -> Tensor:
    """Rotation matrices (B, 3, 3) of angles (B,) in radians."""
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).view(-1, 3, 3)


def translation(offset: Tensor) -> Tensor:
    """Translation matrices (B, 3, 3) of (B, 2) pixels across and down."""
    return pad(offset[:, :, None], (2, 0, 0, 1)) + torch.eye(3, device=offset.device)


def warp(x: Tensor, matrix: Tensor) -> Tensor:
    """Affine warp: every pixel is fetched from where the matrix maps its place; bilinear, mirrored at the borders.

    Unlike torch's `grid_sample` this can be differentiated twice, which gradient penalties need.

    Args:
        x: (B, C, H, W).
        matrix: (B, 3, 3) on (column, row, 1), in pixels from the centre.
    """
    return bilinear(x, *positions(matrix, x.shape[2:], x.shape[2:]))


def positions(matrix: Tensor, size: Sequence[int], source: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Rows and columns (B, H, W) of a source from where the pixels of a result are fetched.

    Args:
        matrix: (B, 3, 3) on (column, row, 1), in pixels from the centre.
        size: (H, W) of the result.
        source: (height, width) of the source.
    """
    middle, centre = ((side - 1) / 2 for side in size)
    rows = torch.arange(size[0], device=matrix.device)[:, None] - middle
    columns = torch.arange(size[1], device=matrix.device) - centre
    # Elementwise, since a matrix product may round to TF32, which resolves no tenth of a pixel.
    a, b, c = matrix[:, :2, :, None, None].unbind(2)
    column, row = (a * columns + b * rows + c).unbind(1)
    return row + (source[0] - 1) / 2, column + (source[1] - 1) / 2


def bilinear(x: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """Bilinear interpolation of pictures (B, C, H, W) at positions (B, H', W'), mirrored at the borders."""
    top, left = row.floor(), column.floor()
    lower, right = (row - top)[:, None], (column - left)[:, None]
    above = torch.lerp(_pixels(x, top, left), _pixels(x, top, left + 1), right)
    below = torch.lerp(_pixels(x, top + 1, left), _pixels(x, top + 1, left + 1), right)
    return torch.lerp(above, below, lower)


def _pixels(x: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """The pixels (B, C, H, W) at whole positions (B, H, W), which may lie outside."""
    height, width = x.shape[2:]
    index = (_mirrored(row, height) * width + _mirrored(column, width)).long().flatten(1)
    return x.flatten(2).gather(2, index[:, None].expand(-1, x.shape[1], -1)).unflatten(2, row.shape[1:])


def _mirrored(position: Tensor, size: int) -> Tensor:
    position = position.remainder(2 * size)
    return torch.minimum(position, 2 * size - 1 - position)
