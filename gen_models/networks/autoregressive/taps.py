"""Feature maps that fill up while sampling, and a kernel's windows on them."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gen_models.networks.autoregressive.causal_conv import ShiftedConv


class Map:
    """Feature map of n samples that is filled as it is computed, in a border of zeros.

    Args:
        n: Samples.
        features: Features at each place.
        size: (H, W).
        border: Zeros on each side: at least what a kernel reads beyond the edge.
        like: A tensor of the same type and device.
    """

    def __init__(self, n: int, features: int, size: tuple[int, int], border: int, like: Tensor) -> None:
        self.height, self.width = size
        self.border = border
        self.cells = like.new_zeros(n, self.height + 2 * border, self.width + 2 * border, features)

    def alike(self, features: int, scale: int = 1) -> "Map":
        """Make an empty map for other features of the same samples, its sides divided by `scale`."""
        size = self.height // scale, self.width // scale
        return Map(len(self.cells), features, size, self.border, self.cells)

    def row(self, i: int) -> Tensor:
        """Give the features (n, W, C) of row i: a view, to be read or filled."""
        return self.cells[:, i + self.border, self.border : self.border + self.width]


class Taps:
    """Rows of a convolution's kernel, applied to a map and added to a partial sum.

    Args:
        conv: The convolution.
        source: The map that it reads.
        rows: Which rows of its kernel; all by default.
    """

    def __init__(self, conv: ShiftedConv, source: Map, rows: slice = slice(None)) -> None:
        weight = conv.visible()[:, :, rows]
        self.matrix = weight.permute(2, 3, 1, 0).flatten(0, 2).contiguous()
        self.source = source
        self.kernel = weight.shape[2:]
        self.stride = conv.stride[0]
        left, _, top, _ = conv.margins
        self.top, self.left = top - rows.indices(conv.kernel_size[0])[0], left
        self.windows: Sequence[Tensor] = ()

    def row(self, i: int, partial: Tensor) -> Tensor:
        """Give the outputs (n, W, C) of row i, added to a partial sum (C,) or (n, W, C)."""
        windows = self._see(i)
        partial = partial if partial.ndim == 1 else partial.flatten(0, 1)
        outputs = torch.addmm(partial, windows.reshape(-1, len(self.matrix)), self.matrix)
        return outputs.unflatten(0, windows.shape[:2])

    def enter(self, i: int) -> None:
        """Turn to row i; the kernel has one row."""
        self.windows = self._see(i).flatten(2).unbind(1)

    def at(self, j: int, partial: Tensor) -> Tensor:
        """Give the outputs (n, C) at column j of that row, added to a partial sum (n, C)."""
        return torch.addmm(partial, self.windows[j], self.matrix)

    def _see(self, i: int) -> Tensor:
        """A view (n, W, rows, columns, C) of what the kernel sees from row i."""
        border, (rows, columns) = self.source.border, self.kernel
        top, left = i * self.stride - self.top + border, border - self.left
        cells = self.source.cells[:, top : top + rows, left : left + self.source.width - self.stride + columns]
        return cells.unfold(2, columns, self.stride).permute(0, 2, 1, 4, 3)
