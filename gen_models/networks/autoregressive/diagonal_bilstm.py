"""Diagonal BiLSTM (Pixel recurrent neural networks, van den Oord et al. 2016, section 3.2, https://arxiv.org/abs/1601.06759)."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gen_models.networks.autoregressive.causal import ClassBias
from gen_models.networks.autoregressive.causal_conv import beside
from gen_models.networks.autoregressive.lstm_walk import in_order, ordered, walk
from gen_models.networks.autoregressive.pixel_rnn import ImageLSTM, PixelRNN, lstm
from gen_models.networks.autoregressive.raster import bias_of
from gen_models.networks.autoregressive.taps import Map

SHUT = -1e4
"""Before the nonlinearity, what makes a gate exactly 0."""


class DiagonalBiLSTM(PixelRNN):
    """Diagonal BiLSTM: an image read from both upper corners, a diagonal at a time; a pixel sees all before it.

    Van den Oord et al. (2016), section 3.2, https://arxiv.org/abs/1601.06759.
    Arguments: see `PixelRNN`.
    """

    def recurrence(self, width: int, channels: int, classes: int) -> "DiagonalLayer":
        """A layer of two directions."""
        return DiagonalLayer(width, channels, classes)


class DiagonalLayer(ImageLSTM):
    """Diagonal BiLSTM layer: an LSTM whose state comes from the left and from above, and its mirror image.

    The mirrored one has seen a row to its end, so that its states are handed to the row below. Since a feature knows
    what is before its pixel, those of a row know all but its last pixel; beyond the paper, the mirrored LSTM reads the
    pixels themselves besides, or the far side of the next row would never see that one.

    Args:
        width: h: features of the state of a direction.
        channels: Channels of the image.
        classes: Classes that its gates have biases for.
    """

    def __init__(self, width: int, channels: int, classes: int) -> None:
        super().__init__()
        self.width = width
        self.input = beside(2 * width, 8 * width, 0, channels, repeats=8)
        # (directions, the state beside and the state above, gates): the 2x1 convolution of a skewed map's columns.
        self.state = nn.Parameter(torch.empty(2, 2 * width, 4 * width).uniform_(-1, 1) / (2 * width) ** 0.5)
        self.pixels = nn.Conv2d(channels, 4 * width, 1, bias=False)
        self.bias = ClassBias(classes, 8 * width)

    def forward(self, x: Tensor, y: Tensor | None, image: Tensor) -> Tensor:
        """Give the states (B, h, H, W) for the input (B, 2h, H, W) and the image (B, C, H, W)."""
        gates = self.bias(self.input(x), y).permute(0, 2, 3, 1)
        rightward, leftward = gates.chunk(2, dim=3)
        leftward = leftward + self.pixels(image).permute(0, 2, 3, 1)
        both = torch.cat([*ordered(rightward, dim=3), *ordered(leftward.flip(2), dim=3)], dim=3)
        rightward, leftward = self._walk(both.unflatten(3, (2, -1))).permute(2, 3, 4, 0, 1)
        return rightward + pad(leftward.flip(3), (0, 0, 1, -1))

    def _walk(self, gates: Tensor) -> Tensor:
        """Give the states (H, W, 2, B, h) for the gates (B, H, W, 2, 4h) of both directions."""
        batch, height = gates.shape[:2]
        columns = skewed(gates.permute(1, 2, 3, 0, 4))
        taps = in_order(self.state, dim=2).unflatten(1, (2, self.width)).transpose(0, 1)
        states = walk(columns.flatten(2, 3), taps, (0, -batch))  # beside, and above
        return straightened(states.unflatten(2, (height, batch)))

    def steps(self, image: Map, y: Tensor | None) -> "DiagonalSteps":
        """Begin to walk through images."""
        return DiagonalSteps(self, image, y)


def skewed(x: Tensor) -> Tensor:
    """Shift row i of a map (H, W, G, B, C) by i columns, in columns (H + W - 1, G, H, B, C) with shut gates around."""
    return _Skewed.apply(x)


def straightened(columns: Tensor) -> Tensor:
    """Undo `skewed`: (H + W - 1, G, H, B, C) to (H, W, G, B, C)."""
    return _Straightened.apply(columns)


class _Skewed(torch.autograd.Function):
    """See `skewed`: one pass through memory forth and none back, where padding and cutting take six."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Lay out rows along diagonals."""
        return _along_diagonals(x, SHUT)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Give the gradient of rows: that of the diagonals, read along them."""
        return _diagonals(gradient)


class _Straightened(torch.autograd.Function):
    """See `straightened`: the adjoint of a map that is skewed with zeros around."""

    @staticmethod
    def forward(ctx: Any, columns: Tensor) -> Tensor:
        """Look along the diagonals."""
        return _diagonals(columns).contiguous()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Lay out rows along them."""
        return _along_diagonals(gradient, 0.0)


def _along_diagonals(x: Tensor, beside: float) -> Tensor:
    height, width, groups, batch, channels = x.shape
    columns = x.new_full((height + width - 1, groups, height, batch, channels), beside)
    _diagonals(columns).copy_(x)
    return columns


def _diagonals(columns: Tensor) -> Tensor:
    """View the columns (T, G, H, B, C) as rows (H, W, G, B, C): row i begins in column i."""
    length, groups, height, batch, channels = columns.shape
    time, group, row, *inner = columns.stride()
    shape = (height, length - height + 1, groups, batch, channels)
    return columns.as_strided(shape, (time + row, time, group, *inner), columns.storage_offset())


class DiagonalSteps:
    """Cached sampling of a layer: one direction pixel by pixel, the mirrored one along each row that is complete.

    Args:
        layer: The layer.
        image: The images.
        y: Classes (n,).
    """

    def __init__(self, layer: DiagonalLayer, image: Map, y: Tensor | None) -> None:
        n, columns, width = len(image.cells), image.width, layer.width
        inputs = layer.input.visible().flatten(1).T.chunk(2, dim=1)
        self.bias = layer.bias(bias_of(layer.input).expand(n, -1), y).chunk(2, dim=1)
        (beside, self.above), (self.beside_mirrored, above_mirrored) = (state.split(width) for state in layer.state)
        self.matrix = torch.cat([inputs[0], beside])
        self.matrix_mirrored = torch.cat([inputs[1], above_mirrored, layer.pixels.weight.flatten(1).T])
        self.image = image
        self.zeros = beside.new_zeros(n, width)
        self.inputs = [self.zeros] * columns
        # The first stand left of the image.
        self.states, self.cells = [self.zeros] * (1 + columns), [self.zeros] * (1 + columns)
        self.mirrored = [self.zeros] * columns

    def enter(self, i: int) -> None:
        """Compute what row i takes from the states above, once the mirrored ones are complete."""
        if i:
            self._mirror(i - 1)
        self.gates_above = (torch.stack(self.states[1:]) @ self.above + self.bias[0]).unbind()

    def _mirror(self, i: int) -> None:
        """Walk from right to left through row i."""
        pixels = self.image.row(i).transpose(0, 1)
        inputs = torch.cat([torch.stack(self.inputs), torch.stack(self.mirrored), pixels], dim=2)
        gates = inputs @ self.matrix_mirrored + self.bias[1]
        state = cell = self.zeros
        for j in reversed(range(len(gates))):
            state, cell = lstm(gates[j].addmm(state, self.beside_mirrored), cell)
            self.mirrored[j] = state

    def at(self, j: int, x: Tensor) -> Tensor:
        """Give the state (n, h) at column j, where the input is x (n, 2h)."""
        self.inputs[j] = x
        gates = self.gates_above[j].addmm(torch.cat([x, self.states[j]], dim=1), self.matrix)
        self.states[1 + j], self.cells[1 + j] = lstm(gates, self.cells[j])
        return self.states[1 + j] + self.mirrored[j]
