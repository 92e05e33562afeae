"""Networks inside coupling layers, which need no inverse. All but NICE's begin by giving zeros."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from gen_models.networks.flows.actnorm import ActNorm
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.mlp import MLPGenerator


def perceptron(inputs: int, outputs: int, hidden: Sequence[int], classes: int) -> MLPGenerator:
    """Multilayer perceptron with ReLU, for vectors (B, inputs) to (B, outputs)."""
    return MLPGenerator([outputs], inputs, hidden, classes, bounded=False, slope=0.0)


def silent_perceptron(inputs: int, outputs: int, hidden: Sequence[int], classes: int) -> MLPGenerator:
    """Multilayer perceptron with ReLU whose last layer is zero: a coupling starts as the identity, or near it."""
    net = perceptron(inputs, outputs, hidden, classes)
    for parameter in net.layers[-1].parameters():
        nn.init.zeros_(parameter)
    return net


class ResidualNet(nn.Module):
    """Residual network with weight normalisation.

    Dinh et al. (2017), section 3.7, https://arxiv.org/abs/1605.08803; Salimans and Kingma (2016), https://arxiv.org/abs/1602.07868.

    The paper's batch normalisation is left out: a sample's density would depend on its batch.

    Args:
        inputs: Channels of the data.
        outputs: Channels of the result.
        width: Channels of the hidden maps.
        blocks: How many residual blocks.
        classes: Classes appended as planes to the data; 0 for none.
    """

    def __init__(self, inputs: int, outputs: int, width: int, blocks: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.first = weight_norm(nn.Conv2d(inputs + classes, width, 3, padding=1))
        self.blocks = nn.ModuleList(_block(width) for _ in range(blocks))
        self.last = nn.Sequential(nn.ReLU(), nn.Conv2d(width, outputs, 1))
        for parameter in self.last.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give maps (B, outputs, H, W) of (B, inputs, H, W)."""
        x = self.first(append_class(x, y, self.classes))
        for block in self.blocks:
            x = x + block(x)
        return self.last(x)


def _block(width: int) -> nn.Module:
    layers = (weight_norm(nn.Conv2d(width, width, 3, padding=1)) for _ in range(2))
    return nn.Sequential(*(module for layer in layers for module in (nn.ReLU(), layer)))


class GlowNet(nn.Module):
    """Glow's coupling network: three convolutions, of 3x3, 1x1 and 3x3, with actnorm.

    Kingma and Dhariwal (2018), https://arxiv.org/abs/1807.03039, and the authors' code (openai/glow).

    The last one starts at zero, and multiplies each channel by the exponential of three times a learned number.

    Args:
        inputs: Channels of the data.
        outputs: Channels of the result.
        width: Channels of the hidden maps.
        classes: Classes appended as planes to the data; 0 for none.
    """

    def __init__(self, inputs: int, outputs: int, width: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.layers = nn.ModuleList([_convolution(inputs + classes, width, 3), _convolution(width, width, 1)])
        self.norms: Sequence[ActNorm] = nn.ModuleList([ActNorm(width), ActNorm(width)])  # type: ignore[assignment]
        self.last = ZeroConvolution(width, outputs)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give maps (B, outputs, H, W) of (B, inputs, H, W)."""
        x = append_class(x, y, self.classes)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = norm.normalise(layer(x)).relu()
        return self.last(x)


class ZeroConvolution(nn.Module):
    """Zero-initialised 3x3 convolution, its output times e³ˡ with a learned l for each channel (openai/glow).

    Args:
        inputs: Channels of the data.
        outputs: Channels of the result.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layer = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.log_gain = nn.Parameter(torch.zeros(outputs, 1, 1))
        for parameter in self.layer.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give maps (B, outputs, H, W) of (B, inputs, H, W); classes are ignored."""
        return self.layer(x) * (3 * self.log_gain).exp()


def _convolution(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    nn.init.normal_(layer.weight, 0.0, 0.05)
    return layer
