"""Networks inside the couplings of NICE, of Glow, and of points, which need no inverse."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad, unfold

from gen_models.networks.flows.actnorm import GAIN_RATE, ActNorm
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


class GlowNet(nn.Module):
    """Glow's coupling network: three convolutions, of 3x3, 1x1 and 3x3, with actnorm.

    Kingma and Dhariwal (2018), https://arxiv.org/abs/1807.03039, and the authors' code (openai/glow).

    Args:
        inputs: Channels of the data.
        outputs: Channels of the result.
        width: Channels of the hidden maps.
        classes: Classes appended as planes to the data; 0 for none.
    """

    def __init__(self, inputs: int, outputs: int, width: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        first, second = EdgeConvolution(inputs + classes, width), nn.Conv2d(width, width, 1, bias=False)
        self.layers: Sequence[Convolution] = nn.ModuleList([first, second])  # type: ignore[assignment]
        self.norms: Sequence[ActNorm] = nn.ModuleList([ActNorm(width), ActNorm(width)])  # type: ignore[assignment]
        self.last = ZeroConvolution(width, outputs)
        for layer in (first, second):
            nn.init.normal_(layer.weight, 0.0, 0.05)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give maps (B, outputs, H, W) of (B, inputs, H, W)."""
        x = append_class(x, y, self.classes)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = normalised(layer, norm, x).relu_()
        return self.last(x)


class EdgeConvolution(nn.Module):
    """Convolution of 3x3 with an edge bias: one more plane is one where the others are padded (openai/glow, tfops.py).

    Args:
        inputs: Channels of the data; with 0 the result is the edges' alone.
        outputs: Channels of the result.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs + 1, 3, 3))

    def forward(self, x: Tensor, shift: Tensor | None = None, gain: Tensor | None = None) -> Tensor:
        """Give maps (B, outputs, H, W) of (B, inputs, H, W), or (1, outputs, H, W) of no channels.

        Args:
            x: The data.
            shift: (outputs, 1, 1), is added to each channel.
            gain: (outputs, 1, 1), multiplies each channel after that.
        """
        weight = self.weight if gain is None else gain[:, None] * self.weight
        data, plane = weight.split([x.shape[1], 1], dim=1)
        edges = _edges(plane.flatten(1), *x.shape[2:])
        if shift is not None:
            edges = edges + (shift if gain is None else gain * shift)
        return conv2d(x, data, padding=1).add_(edges) if x.shape[1] else edges


def _edges(weight: Tensor, height: int, width: int) -> Tensor:
    """Convolve the plane that marks the padding, with (outputs, 9) to (1, outputs, H, W): all pictures have the same.

    As a product of matrices it has the memory format of the maps, channels_last, and torch's convolution of a single
    channel is slow.
    """
    padding = pad(weight.new_zeros(1, 1, height, width), (1, 1, 1, 1), value=1.0)
    return (unfold(padding, 3)[0].T @ weight.T).T.view(1, -1, height, width)


Convolution = EdgeConvolution | nn.Conv2d


def normalised(layer: Convolution, norm: ActNorm, x: Tensor) -> Tensor:
    """Actnorm after a convolution, whose weights take on its gain: one pass over the maps in the place of three."""
    if norm.waiting:
        norm.begin(layer(x))
    gain = norm.gain()
    if isinstance(layer, EdgeConvolution):
        return layer(x, norm.shift, gain)
    return conv2d(x, gain[:, None] * layer.weight, (gain * norm.shift).flatten())


class ZeroConvolution(nn.Module):
    """Zero-initialised 3x3 convolution, its output times e³ˡ with a learned l for each channel (openai/glow).

    Args:
        inputs: Channels of the data.
        outputs: Channels of the result.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layer = EdgeConvolution(inputs, outputs)
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))
        self.log_gain = nn.Parameter(torch.zeros(outputs, 1, 1))

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give maps (B, outputs, H, W) of (B, inputs, H, W); classes are ignored."""
        return self.layer(x, self.bias, (GAIN_RATE * self.log_gain).exp())
