"""PixelCNN (Pixel recurrent neural networks, van den Oord et al. 2016, section 3.5, https://arxiv.org/abs/1601.06759).

A first 7x7 convolution sees strictly what is before a pixel (mask A), the others the pixel's own features too (mask B).
What is above and to the right of a pixel is reached along the diagonals of kernels only: a blind spot remains.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from gen_models.networks.autoregressive.causal import Causal, ClassBias
from gen_models.networks.autoregressive.causal_conv import Head, above, beside, pointwise
from gen_models.networks.autoregressive.raster import Dense, PixelConv, RasterStepper
from gen_models.networks.autoregressive.taps import Map
from gen_models.networks.layers.typed import Layers


class PixelCNN(Causal):
    """PixelCNN: images to logits of their pixels' levels, through masked convolutions.

    Van den Oord et al. (2016), section 3.5, https://arxiv.org/abs/1601.06759.

    Args:
        shape: (C, H, W) of an image.
        levels: Levels of a channel.
        width: h: features inside a block; twice as many between the blocks.
        blocks: Residual blocks.
        first_kernel: Side of the first kernel, before it is cropped; odd.
        kernel: Side of the others', likewise.
        hidden: Features of the output's hidden layer.
        classes: Classes that each block has a bias for; 0 for none.

    Raises:
        ValueError: The data is not made of images.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int | None,
        width: int = 32,
        blocks: int = 7,
        first_kernel: int = 7,
        kernel: int = 3,
        hidden: int = 64,
        classes: int = 0,
    ) -> None:
        super().__init__(shape, levels, classes)
        channels = shape[0]
        self.first = CausalConv(channels, 2 * width, first_kernel, channels, present=False)
        self.blocks = Layers[PixelCNNBlock](PixelCNNBlock(width, kernel, channels, classes) for _ in range(blocks))
        self.head = Head(2 * width, hidden, self.outputs, channels)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, C · levels, H, W) of images in [-1, 1]."""
        x = self.first(x)
        for block in self.blocks:
            x = block(x, y)
        return self.head(x)

    def stepper(self, n: int, y: Tensor | None = None) -> "PixelCNNStepper":
        """Walk through a canvas, computing each feature once."""
        return PixelCNNStepper(self, n, y)


class CausalConv(nn.Module):
    """Masked square convolution, as the sum of two cropped ones: the rows above, and the own row up to the pixel.

    Args:
        inputs: Features that it reads.
        outputs: Features that it gives.
        kernel: Side of the square; odd.
        channels: Channels of the image.
        present: Mask B instead of mask A.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, channels: int, present: bool = True) -> None:
        super().__init__()
        self.above = above(inputs, outputs, kernel // 2, kernel, bias=False)
        self.beside = beside(inputs, outputs, kernel // 2, channels, present=present)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (B, inputs, H, W) to (B, outputs, H, W)."""
        return self.above(x) + self.beside(x)


class PixelCNNBlock(nn.Module):
    """Residual block (figure 5, left): 1x1 to half the features, masked convolution, 1x1 back, each after a ReLU.

    Args:
        width: Features inside; twice as many outside.
        kernel: Side of the masked convolution.
        channels: Channels of the image.
        classes: Classes that the masked convolution has biases for.
    """

    def __init__(self, width: int, kernel: int, channels: int, classes: int) -> None:
        super().__init__()
        self.narrow = pointwise(2 * width, width, channels)
        self.conv = CausalConv(width, width, kernel, channels)
        self.bias = ClassBias(classes, width)
        self.widen = pointwise(width, 2 * width, channels)

    def forward(self, x: Tensor, y: Tensor | None) -> Tensor:
        """Give the features (B, 2 · width, H, W)."""
        inner = self.bias(self.conv(self.narrow(x.relu()).relu_()), y)
        return x + self.widen(inner.relu_())


class PixelCNNStepper(RasterStepper):
    """Cached sampler of `PixelCNN`.

    Args:
        network: The network.
        n: Samples.
        y: Classes (n,).
    """

    def __init__(self, network: PixelCNN, n: int, y: Tensor | None) -> None:
        border = max(conv.above.kernel_size[1] for conv in (network.first, *(b.conv for b in network.blocks)))
        super().__init__(n, network.shape, border, network.first.above.weight)
        self.first = steps(network.first, self.image)
        self.blocks = [PixelCNNBlockSteps(block, self.image, y) for block in network.blocks]
        self.head = Dense(*network.head.convs)

    def enter(self, i: int) -> None:
        """Compute what row i sees above, in all layers."""
        self.first.enter(i)
        for block in self.blocks:
            block.conv.enter(i)

    def pixel(self, i: int, j: int) -> Tensor:
        """Give the logits (n, C · levels) of a pixel."""
        x = self.first.read(j)
        for block in self.blocks:
            x = x + block(j, x)
        return self.head(x.relu())


class PixelCNNBlockSteps:
    """Cached sampling of a block.

    Args:
        block: The block.
        image: Map of the image, of whose size its own is.
        y: Classes (n,).
    """

    def __init__(self, block: PixelCNNBlock, image: Map, y: Tensor | None) -> None:
        self.narrow, self.widen = Dense(block.narrow), Dense(block.widen)
        self.conv = steps(block.conv, image.alike(block.conv.above.in_channels))
        self.bias, self.y = block.bias, y

    def __call__(self, j: int, x: Tensor) -> Tensor:
        """Give what is added to x (n, 2 · width) at column j."""
        inner = self.bias(self.conv(j, self.narrow(x.relu()).relu_()), self.y)
        return self.widen(inner.relu_())


def steps(conv: CausalConv, source: Map) -> PixelConv:
    """Give a masked convolution that is fed one pixel at a time."""
    return PixelConv(conv.beside, source, above=[conv.above])
