"""Residual blocks of SNGAN (Miyato et al. 2018, https://arxiv.org/abs/1802.05957), which SAGAN and BigGAN build on."""

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, relu

from gen_models.networks.layers.conditioning import ConditionalBatchNorm, Embed
from gen_models.networks.layers.weights import glorot


def conv(inputs: int, outputs: int, kernel: int = 3, gain: float = 1.0) -> nn.Conv2d:
    """Convolution that keeps the side, with Glorot's initial weights."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    glorot(layer, gain)
    return layer


def doubled(x: Tensor) -> Tensor:
    """Nearest-neighbour upsampling of (B, C, H, W) to twice the side."""
    return interpolate(x, scale_factor=2)


class GeneratorResidualBlock(nn.Module):
    """Residual block of a generator: twice normalise, ReLU, convolve, with a doubling before the first convolution.

    Args:
        inputs: Channels of the map.
        outputs: Channels of the map of twice the side.
        embed: Maps the condition to gains and biases; None for an unconditional block.
    """

    def __init__(self, inputs: int, outputs: int, embed: Embed | None = None) -> None:
        super().__init__()
        self.norm1 = ConditionalBatchNorm(inputs, embed)
        self.conv1 = conv(inputs, outputs, gain=2**0.5)
        self.norm2 = ConditionalBatchNorm(outputs, embed)
        self.conv2 = conv(outputs, outputs, gain=2**0.5)
        self.shortcut = conv(inputs, outputs, 1)

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """Give (B, outputs, 2H, 2W) for (B, inputs, H, W)."""
        residual = self.conv1(doubled(relu(self.norm1(x, condition))))
        residual = self.conv2(relu(self.norm2(residual, condition)))
        return residual + doubled(self.shortcut(x))  # a 1x1 convolution commutes with doubling, and is cheaper before


class CriticResidualBlock(nn.Module):
    """Residual block of a critic: twice ReLU and convolve, then average over 2x2 pixels.

    Args:
        inputs: Channels of the map.
        outputs: Channels of the result.
        hidden: Channels in between.
        down: Halve the side.
        first: The input is a picture: no ReLU before the first convolution.
    """

    def __init__(self, inputs: int, outputs: int, hidden: int, down: bool, first: bool = False) -> None:
        super().__init__()
        self.conv1 = conv(inputs, hidden, gain=2**0.5)
        self.conv2 = conv(hidden, outputs, gain=2**0.5)
        self.shortcut = conv(inputs, outputs, 1) if down or inputs != outputs else nn.Identity()
        self.down = down
        self.first = first

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs, H/2, W/2), or of the same side, for (B, inputs, H, W)."""
        residual = self.conv2(relu(self.conv1(x if self.first else relu(x))))
        if self.down:
            residual, x = avg_pool2d(residual, 2), avg_pool2d(x, 2)
        return residual + self.shortcut(x)
