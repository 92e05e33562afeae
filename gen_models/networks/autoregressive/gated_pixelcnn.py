"""Gated PixelCNN (Conditional image generation with PixelCNN decoders, van den Oord et al. 2016, https://arxiv.org/abs/1606.05328).

Two stacks: the vertical one sees all rows above, the horizontal one what is to the left, and the former feeds the
latter. Together they see everything before a pixel, where PixelCNN has a blind spot.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gen_models.networks.autoregressive.causal import Causal, ClassBias
from gen_models.networks.autoregressive.causal_conv import Head, above, beside, pointwise
from gen_models.networks.autoregressive.raster import Dense, PixelConv, RasterStepper, RowConv
from gen_models.networks.autoregressive.taps import Map
from gen_models.networks.layers.levels import LevelEmbedding
from gen_models.networks.layers.typed import Layers


class GatedPixelCNN(Causal):
    """Gated PixelCNN: images to logits of their pixels' levels.

    Van den Oord et al. (2016), https://arxiv.org/abs/1606.05328.

    Args:
        shape: (C, H, W) of an image.
        levels: Levels of a channel.
        width: Features in each stack.
        layers: Gated layers.
        first_kernel: Side of the first layer's kernels, before they are cropped; odd.
        kernel: Side of the others', likewise.
        hidden: Features of the output's hidden layer.
        classes: Classes that each layer has a bias for; 0 for none.
        embedding: Size of the vector that each level is looked up in, where levels have no order, as those of tokens;
            0 reads them as numbers.

    Raises:
        ValueError: The data is not made of images.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int | None,
        width: int = 64,
        layers: int = 8,
        first_kernel: int = 7,
        kernel: int = 3,
        hidden: int = 64,
        classes: int = 0,
        embedding: int = 0,
    ) -> None:
        super().__init__(shape, levels, classes)
        channels = shape[0]
        self.embed = LevelEmbedding(channels, self.outputs // channels, embedding) if embedding else None
        first = GatedPixelCNNLayer(channels * max(1, embedding), width, first_kernel, channels, classes, first=True)
        rest = (GatedPixelCNNLayer(width, width, kernel, channels, classes) for _ in range(layers - 1))
        self.layers = Layers[GatedPixelCNNLayer]([first, *rest])
        self.head = Head(width, hidden, self.outputs, channels)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, C · levels, H, W) of images in [-1, 1]."""
        vertical = horizontal = self.read(x)
        for layer in self.layers:
            vertical, horizontal = layer(vertical, horizontal, y)
        return self.head(horizontal)

    def read(self, x: Tensor) -> Tensor:
        """Give the features (B, F, *positions) of levels (B, C, *positions), those of channel 0 first."""
        return x if self.embed is None else self.embed(x).movedim(-1, 2).flatten(1, 2)

    def stepper(self, n: int, y: Tensor | None = None) -> "GatedStepper":
        """Walk through a canvas, computing each feature once."""
        return GatedStepper(self, n, y)


class GatedPixelCNNLayer(nn.Module):
    """Layer of both stacks (figure 2): a gated activation unit in each, a residual connection in the horizontal one.

    Vertical features at row i know the rows before i, since the first layer looks strictly above; so they feed the
    horizontal ones of the same row.

    Args:
        inputs: Features of each stack, or channels of the image.
        width: Features that it gives.
        kernel: Side of the kernels before they are cropped.
        channels: Channels of the image.
        classes: Classes that it has biases for.
        first: Look strictly before the pixel, and have no residual connection.
    """

    def __init__(self, inputs: int, width: int, kernel: int, channels: int, classes: int, first: bool = False) -> None:
        super().__init__()
        half = kernel // 2
        self.residual = not first
        self.vertical = above(inputs, 2 * width, half + (not first), kernel, present=not first)
        self.horizontal = beside(inputs, 2 * width, half, channels, present=not first, repeats=2)
        self.link = pointwise(2 * width, 2 * width, channels=1)
        self.output = pointwise(width, width, channels)
        self.vertical_bias = ClassBias(classes, 2 * width)
        self.horizontal_bias = ClassBias(classes, 2 * width)

    def forward(self, vertical: Tensor, horizontal: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor]:
        """Give the features (B, width, H, W) of both stacks."""
        vertical = self.vertical_bias(self.vertical(vertical), y)
        features = self.horizontal_bias(self.horizontal(horizontal) + self.link(vertical), y)
        output = self.output(gated(features))
        return gated(vertical), horizontal + output if self.residual else output


def gated(x: Tensor) -> Tensor:
    """Gated activation unit (equation 2): tanh of the first half of the features (B, 2C, …), times σ of the second."""
    signal, gate = x.chunk(2, 1)
    return signal.tanh() * gate.sigmoid()


def gated_last(x: Tensor) -> Tensor:
    """Gated activation unit along the last dimension, without gradients: tanh is several times as fast without gaps."""
    signal, gate = x.chunk(2, -1)
    return signal.contiguous().tanh_().mul_(gate.sigmoid())


class GatedPixelCNNLayerSteps:
    """Cached sampling of a layer: a row of its vertical stack at a time, a pixel of its horizontal one.

    Args:
        layer: The layer.
        vertical: Map that its vertical stack reads.
        horizontal: Map that its horizontal stack reads: of all rows, or of the present one only.
        y: Classes (n,).
    """

    def __init__(self, layer: GatedPixelCNNLayer, vertical: Map, horizontal: Map, y: Tensor | None) -> None:
        self.layer, self.y = layer, y
        self.above, self.beside = RowConv(layer.vertical, vertical), PixelConv(layer.horizontal, horizontal)
        self.link, ((self.weight, self.bias),) = Dense(layer.link), Dense(layer.output).layers

    def enter(self, i: int) -> Tensor:
        """Give row i of the vertical stack (n, W, 2 · width), before its gate, and feed it to the horizontal one."""
        vertical = self.layer.vertical_bias(self.above.read(i), self.y, dim=-1)
        self.beside.enter(
            min(i, self.beside.source.height - 1), self.layer.horizontal_bias(self.link(vertical), self.y, dim=-1)
        )
        return vertical

    def pixel(self, j: int, residual: Tensor, output: Tensor) -> Tensor:
        """Compute the output of the horizontal stack at column j.

        Args:
            j: The column.
            residual: What the output is added to (n, width): zeros where there is no residual connection.
            output: Where it is to stand (n, width).
        """
        features = gated_last(self.beside.read(j))
        return torch.addmm(residual, features, self.weight, out=output).add_(self.bias)


class GatedStepper(RasterStepper):
    """Cached sampler of `GatedPixelCNN`.

    Args:
        network: The network.
        n: Samples.
        y: Classes (n,).
    """

    def __init__(self, network: GatedPixelCNN, n: int, y: Tensor | None) -> None:
        first, *rest = network.layers
        self.network = network
        super().__init__(n, network.shape, border_of(first), first.output.weight)
        width, like = first.output.out_channels, first.output.weight
        self.layers = [GatedPixelCNNLayerSteps(first, self.image, self.image, y)]
        for layer in rest:
            vertical, horizontal = (
                Map(n, width, (rows, self.width), border_of(layer), like) for rows in (self.height, 1)
            )
            self.layers.append(GatedPixelCNNLayerSteps(layer, vertical, horizontal, y))
        self.zeros, self.output = like.new_zeros(2, n, width).unbind()
        self.head = Dense(*network.head.convs)

    def read(self, x: Tensor) -> Tensor:
        """Give the features (n, F) of the levels (n, C) of a pixel."""
        return self.network.read(x)

    def enter(self, i: int) -> None:
        """Compute a row of all vertical stacks."""
        first, *rest = self.layers
        vertical = first.enter(i)
        for layer in rest:
            layer.above.put(i, gated_last(vertical))
            vertical = layer.enter(i)

    def pixel(self, i: int, j: int) -> Tensor:
        """Give the logits (n, C · levels) of a pixel."""
        outputs = [*(layer.beside.targets[j] for layer in self.layers[1:]), self.output]
        horizontal = self.zeros
        for layer, output in zip(self.layers, outputs, strict=True):
            horizontal = layer.pixel(j, horizontal, output)
        return self.head(horizontal.relu())


def border_of(layer: GatedPixelCNNLayer) -> int:
    """Zero padding that the kernels of a layer need at an edge."""
    return max(*layer.vertical.margins, *layer.horizontal.margins)
