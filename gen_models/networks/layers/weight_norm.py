"""Weight normalisation (Salimans and Kingma 2016, https://arxiv.org/abs/1602.07868), as in openai/pixel-cnn, nn.py."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization

from gen_models.networks.layers.first_batch import FirstBatch
from gen_models.networks.layers.weights import normal_weight, zero_bias

FLOOR = 1e-10
"""Added to the variances that the first batch is divided by (openai/pixel-cnn, nn.py)."""


class WeightNorm(FirstBatch):
    """Weight normalisation: the weights into a feature are a learned norm times a direction.

    Salimans and Kingma (2016), https://arxiv.org/abs/1602.07868.

    Args:
        features: Features that the layer gives.
        axis: Where the weight has them.
        std: Standard deviation of each feature in the first batch.
    """

    def __init__(self, features: int, axis: int, std: float) -> None:
        super().__init__()
        self.axis, self.std = axis, std
        self.gain = nn.Parameter(torch.ones(features))

    def forward(self, direction: Tensor) -> Tensor:
        """Give the weight g V / |V|."""
        axes = [axis for axis in range(direction.ndim) if axis != self.axis]
        norm = torch.linalg.vector_norm(direction, dim=axes, keepdim=True)
        return direction * (self.gain.view_as(norm) / norm)

    def factor(self, variance: Tensor) -> Tensor:
        """Give what brings features of these variances (C,) to the deviation that they shall have."""
        return self.std * (variance + FLOOR).rsqrt()

    def begin(self, layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        """Give the layer's output, of the first batch by norms and biases that it has just started."""
        if not self.waiting:
            return output
        mean, factor = self.take(output)
        with torch.no_grad():
            self.gain.mul_(factor)
            cast(Tensor, layer.bias).sub_(mean * factor)
        return cast(Tensor, layer(*inputs))


def normalise_weight(layer: nn.Conv2d | nn.ConvTranspose2d, std: float = 1.0) -> None:
    """Normalise the weight of a convolution with a bias: directions from N(0, 0.05), norm and bias by the first batch.

    Args:
        layer: The convolution.
        std: Standard deviation of each of its features in the first batch.
    """
    normal_weight(layer, 0.05)
    zero_bias(layer)
    norm = WeightNorm(layer.out_channels, int(isinstance(layer, nn.ConvTranspose2d)), std)
    register_parametrization(layer, "weight", norm)
    layer.register_forward_hook(norm.begin)
