"""Row LSTM (Pixel recurrent neural networks, van den Oord et al. 2016, section 3.1, https://arxiv.org/abs/1601.06759)."""

import torch
from torch import Tensor

from gen_models.networks.autoregressive.causal import ClassBias
from gen_models.networks.autoregressive.causal_conv import above, beside
from gen_models.networks.autoregressive.lstm_walk import in_order, walk
from gen_models.networks.autoregressive.pixel_rnn import ImageLSTM, PixelRNN, lstm
from gen_models.networks.autoregressive.raster import bias_of
from gen_models.networks.autoregressive.taps import Map


class RowLSTM(PixelRNN):
    """Row LSTM: an image read a row at a time; a pixel sees the triangle above it, and a little to its left.

    Van den Oord et al. (2016), section 3.1, https://arxiv.org/abs/1601.06759.
    Arguments: see `PixelRNN`.
    """

    def recurrence(self, width: int, channels: int, classes: int) -> "RowLayer":
        """A layer with kernels of three."""
        return RowLayer(width, channels, classes)


class RowLayer(ImageLSTM):
    """Row LSTM layer: an LSTM from row to row, whose state is convolved along the row.

    Args:
        width: h: features of the state.
        channels: Channels of the image.
        classes: Classes that its gates have biases for.
    """

    def __init__(self, width: int, channels: int, classes: int) -> None:
        super().__init__()
        self.width = width
        self.input = beside(2 * width, 4 * width, 1, channels, repeats=4)
        self.state = above(width, 4 * width, 1, 3, bias=False)
        self.bias = ClassBias(classes, 4 * width)

    def forward(self, x: Tensor, y: Tensor | None, image: Tensor) -> Tensor:
        """Give the states (B, h, H, W) for the input (B, 2h, H, W)."""
        gates = in_order(self.bias(self.input(x), y).permute(2, 3, 0, 1), dim=3)
        left, here, right = in_order(self.state.weight, dim=0)[:, :, 0].permute(2, 1, 0)
        batch = len(x)  # the next column is as many places away, since a row's places lie one column after another
        states = walk(gates.flatten(1, 2)[:, None], torch.stack([here, left, right])[:, None], (0, -batch, batch))
        return states[:, 0].unflatten(1, (-1, batch)).permute(2, 3, 0, 1)

    def down(self, state: Tensor) -> Tensor:
        """Give what the state (B, h, 1, W) of a row adds to the gates (B, 4h, 1, W) of the next."""
        return torch.conv2d(state, self.state.weight, padding=(0, 1))

    def steps(self, image: Map, y: Tensor | None) -> "RowSteps":
        """Begin to walk through images."""
        return RowSteps(self, image, y)


class RowSteps:
    """Cached sampling of a layer: a row above at once, and what is to the left pixel by pixel.

    Args:
        layer: The layer.
        image: The images.
        y: Classes (n,).
    """

    def __init__(self, layer: RowLayer, image: Map, y: Tensor | None) -> None:
        n, columns = len(image.cells), image.width
        weight = layer.input.visible()
        self.layer = layer
        self.bias = layer.bias(bias_of(layer.input).expand(n, -1), y)
        self.matrix = weight.permute(3, 1, 0, 2).flatten(0, 1)[..., 0].contiguous()
        zeros = weight.new_zeros(n, layer.width)
        self.states, self.cells = [zeros] * columns, [zeros] * columns
        self.inputs = [weight.new_zeros(n, 2 * layer.width)] * (1 + columns)  # the first stands left of the image

    def enter(self, i: int) -> None:
        """Compute what row i takes from the states above."""
        above = torch.stack(self.states, dim=2)[:, :, None]
        self.gates_above = (self.layer.down(above)[:, :, 0] + self.bias[..., None]).unbind(2)
        self.cells_above = list(self.cells)

    def at(self, j: int, x: Tensor) -> Tensor:
        """Give the state (n, h) at column j, where the input is x (n, 2h)."""
        self.inputs[1 + j] = x
        gates = self.gates_above[j].addmm(torch.cat(self.inputs[j : j + 2], dim=1), self.matrix)
        self.states[j], self.cells[j] = lstm(gates, self.cells_above[j])
        return self.states[j]
