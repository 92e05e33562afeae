"""PixelCNN++ (Salimans et al. 2017, https://arxiv.org/abs/1701.05517).

Whole pixels are drawn at once, so that no kernel is masked. Two stacks as in Gated PixelCNN, shaped as a U: gated
residual blocks at several scales, joined by strided convolutions and by shortcuts (section 2.3 and 2.4, figure 2).
All is as in openai/pixel-cnn, with `weight_norm` also how it learns; the first layers' maps are shifted with their
biases, which are so absent at the upper and the left edge.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import elu, pad

from gen_models.networks.autoregressive.causal import Causal
from gen_models.networks.autoregressive.causal_conv import ShiftedConv, above, pointwise
from gen_models.networks.autoregressive.gated_resnet import normalise_weights
from gen_models.networks.autoregressive.pixelcnn_pp_scales import PixelCNNppScale, ScaleSteps
from gen_models.networks.autoregressive.raster import Dense, PixelConv, RasterStepper, RowConv
from gen_models.networks.layers.levels import LevelEmbedding


class PixelCNNpp(Causal):
    """PixelCNN++: images to the parameters of their pixels' mixtures of logistics, or tokens to logits of codes.

    Salimans et al. (2017), https://arxiv.org/abs/1701.05517.

    Args:
        shape: (C, H, W) of an image.
        levels: Levels of a channel; points have none, and are refused.
        width: Features in each stack.
        blocks: Blocks of a stack at each scale on the way to the coarsest; on the way back one more, but there.
        components: Components of the mixtures.
        dropout: Probability of dropping a feature within a block.
        classes: Classes that each block has a bias for; 0 for none.
        embedding: Size of the vector that each level is looked up in, where levels have no order, as those of tokens;
            the output is then a logit for each level. 0 reads them as numbers, and gives mixtures.
        weight_norm: Normalise the weights, and start them from the first batch, as the authors do; else torch starts
            them, which is quicker to compute and, in the first minutes, to learn.

    Raises:
        ValueError: The data is not made of images, or has several channels of levels without an order.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int | None,
        width: int = 32,
        blocks: int = 2,
        components: int = 10,
        dropout: float = 0.5,
        classes: int = 0,
        embedding: int = 0,
        weight_norm: bool = False,
    ) -> None:
        super().__init__(shape, levels, classes)
        channels, *size = shape
        if embedding and channels > 1:
            raise ValueError(f"whole pixels are drawn at once, and logits know one channel, not {channels}.")
        self.embed = LevelEmbedding(channels, self.outputs, embedding) if embedding else None
        if not embedding:
            self.outputs = components * (1 + 2 * channels + channels * (channels - 1) // 2)
        inputs = channels * max(1, embedding) + 1
        self.u = above(inputs, width, 2, 3, present=True)
        self.ul_above = above(inputs, width, 1, 3, present=True)
        self.ul_beside = ShiftedConv(inputs, width, (2, 1), (0, 0, 1, 0))
        self.scale = PixelCNNppScale(halvings(size), width, blocks, classes, dropout)
        self.head = pointwise(width, self.outputs, channels=1)
        if weight_norm:
            normalise_weights(self)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give parameters (B, outputs, H, W) of images in [-1, 1]; a channel of ones tells them from the padding."""
        x = pad(self.read(x), (0, 0, 0, 0, 0, 1), value=1.0)
        _, ul = self.scale(down(self.u(x)), down(self.ul_above(x)) + right(self.ul_beside(x)), y)
        return self.head(elu(ul))

    def read(self, x: Tensor) -> Tensor:
        """Give the features (B, F, *positions) of levels (B, C, *positions)."""
        return x if self.embed is None else self.embed(x).movedim(-1, 2).flatten(1, 2)

    def stepper(self, n: int, y: Tensor | None = None) -> "PixelCNNppStepper":
        """Walk through a canvas, computing each feature once; dropout is left out."""
        return PixelCNNppStepper(self, n, y)


def down(x: Tensor) -> Tensor:
    """Shift maps (B, C, H, W) by a row; the first one is zero."""
    return pad(x, (0, 0, 1, -1))


def right(x: Tensor) -> Tensor:
    """Shift maps (B, C, H, W) by a column; the first one is zero."""
    return pad(x, (1, -1))


def halvings(size: Sequence[int]) -> int:
    """How often a map is halved: at most twice (as from 32 to 8), while its sides are even and 4 pixels remain."""
    count = 0
    while count < 2 and all(side % 2 ** (count + 1) == 0 and side >= 4 * 2 ** (count + 1) for side in size):
        count += 1
    return count


class PixelCNNppStepper(RasterStepper):
    """Cached sampler of `PixelCNNpp`.

    Args:
        network: The network.
        n: Samples.
        y: Classes (n,).
    """

    def __init__(self, network: PixelCNNpp, n: int, y: Tensor | None) -> None:
        self.network = network
        super().__init__(n, network.shape, 1, network.head.weight, ones=1)
        self.u, self.ul_above = RowConv(network.u, self.image), RowConv(network.ul_above, self.image)
        self.ul_beside = PixelConv(network.ul_beside, self.image)
        self.above: Sequence[Tensor] = ()
        self.scale = ScaleSteps(network.scale, self.image, y)
        self.head = Dense(network.head)
        self.parameters = torch.empty(0)

    def __call__(self, x: Tensor, position: int, channel: int) -> Tensor:
        """Give the parameters (n, outputs) at a position, which are the same for all its channels."""
        if not channel:
            self.parameters = super().__call__(x, position, channel)
        return self.parameters

    def read(self, x: Tensor) -> Tensor:
        """Give the features (n, F) of the levels (n, C) of a pixel."""
        return self.network.read(x)

    def enter(self, i: int) -> None:
        """Compute row i of stack u at all scales that are due, and what stack ul has from above."""
        self.ul_beside.enter(i)
        u, ul = (conv.read(i - 1) if i else torch.zeros_like(conv.read(i)) for conv in (self.u, self.ul_above))
        self.above = ul.unbind(1)
        self.scale.enter(i, u)

    def pixel(self, i: int, j: int) -> Tensor:
        """Give the parameters (n, outputs) of a pixel."""
        ul = self.above[j] + self.ul_beside.read(j - 1) if j else self.above[j]
        return self.head(elu(self.scale.pixel(i, j, ul)))
