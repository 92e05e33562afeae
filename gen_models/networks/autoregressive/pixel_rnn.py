"""PixelRNN (Pixel recurrent neural networks, van den Oord et al. 2016, section 3, https://arxiv.org/abs/1601.06759).

A first masked convolution sees strictly what is before a pixel (mask A). Each layer after it reads the map 2h through a
masked convolution, all pixels at once (mask B), and carries a state h through the image; 1x1 convolutions bring that
back to 2h, onto a residual connection (figure 5, on the right).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

from torch import Tensor, nn

from gen_models.networks.autoregressive.causal import Causal
from gen_models.networks.autoregressive.causal_conv import Head, ShiftedConv, pointwise
from gen_models.networks.autoregressive.pixelcnn import CausalConv, steps
from gen_models.networks.autoregressive.raster import Dense, RasterStepper
from gen_models.networks.autoregressive.taps import Map
from gen_models.networks.layers.typed import Layers


class ImageLSTMSteps(Protocol):
    """Cached sampling of a recurrent layer."""

    def enter(self, i: int) -> None:
        """Compute what row i takes from the rows above."""

    def at(self, j: int, x: Tensor) -> Tensor:
        """Give the state (n, h) at column j of that row, where the layer's input is x (n, 2h)."""


class ImageLSTM(nn.Module, ABC):
    """Recurrent layer: an LSTM whose state walks through an image."""

    @abstractmethod
    def forward(self, x: Tensor, y: Tensor | None, image: Tensor) -> Tensor:
        """Give the states (B, h, H, W) for the input (B, 2h, H, W); of the image, row i may see the rows above only."""

    @abstractmethod
    def steps(self, image: Map, y: Tensor | None) -> ImageLSTMSteps:
        """Begin to walk through images."""


class PixelRNN(Causal, ABC):
    """PixelRNN: images to logits of their pixels' levels, through recurrent layers.

    Van den Oord et al. (2016), https://arxiv.org/abs/1601.06759.

    Args:
        shape: (C, H, W) of an image.
        levels: Levels of a channel.
        width: h: features of a state; twice as many between the layers.
        layers: Recurrent layers.
        first_kernel: Side of the first kernel, before it is cropped; odd.
        hidden: Features of the output's hidden layer.
        classes: Classes that each layer has a bias for; 0 for none.

    Raises:
        ValueError: The data is not made of images.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int | None,
        width: int = 16,
        layers: int = 7,
        first_kernel: int = 7,
        hidden: int = 32,
        classes: int = 0,
    ) -> None:
        super().__init__(shape, levels, classes)
        channels = shape[0]
        self.first = CausalConv(channels, 2 * width, first_kernel, channels, present=False)
        self.layers = Layers[ImageLSTM](self.recurrence(width, channels, classes) for _ in range(layers))
        self.widen = Layers[ShiftedConv](pointwise(width, 2 * width, channels) for _ in range(layers))
        self.head = Head(2 * width, hidden, self.outputs, channels)

    @abstractmethod
    def recurrence(self, width: int, channels: int, classes: int) -> ImageLSTM:
        """Make a layer with `width` features in its state, for images of so many channels."""

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, C · levels, H, W) of images in [-1, 1]."""
        features = self.first(x)
        for layer, widen in zip(self.layers, self.widen, strict=True):
            features = features + widen(layer(features, y, x))
        return self.head(features)

    def stepper(self, n: int, y: Tensor | None = None) -> "PixelRNNStepper":
        """Walk through a canvas, computing each state once."""
        return PixelRNNStepper(self, n, y)


class PixelRNNStepper(RasterStepper):
    """Cached sampler of a `PixelRNN`.

    Args:
        network: The network.
        n: Samples.
        y: Classes (n,).
    """

    def __init__(self, network: PixelRNN, n: int, y: Tensor | None) -> None:
        first = network.first
        super().__init__(n, network.shape, first.above.kernel_size[1], first.above.weight)
        self.first = steps(first, self.image)
        self.layers = [layer.steps(self.image, y) for layer in network.layers]
        self.widen = [Dense(widen) for widen in network.widen]
        self.head = Dense(*network.head.convs)

    def enter(self, i: int) -> None:
        """Compute what row i takes from the rows above, in all layers."""
        self.first.enter(i)
        for layer in self.layers:
            layer.enter(i)

    def pixel(self, i: int, j: int) -> Tensor:
        """Give the logits (n, C · levels) of a pixel."""
        features = self.first.read(j)
        for layer, widen in zip(self.layers, self.widen, strict=True):
            features = features + widen(layer.at(j, features))
        return self.head(features.relu())


def lstm(gates: Tensor, cell: Tensor, dim: int = 1) -> tuple[Tensor, Tensor]:
    """LSTM step (equation 3): the next state and cell.

    Args:
        gates: The output, forget, input and content gates along `dim`, before their nonlinearities.
        cell: The cell before.
        dim: Where the features lie.
    """
    width = cell.shape[dim]
    opened, content = gates.split([3 * width, width], dim)
    output, forget, entry = opened.sigmoid().chunk(3, dim)
    cell = forget * cell + entry * content.tanh()
    return output * cell.tanh(), cell
