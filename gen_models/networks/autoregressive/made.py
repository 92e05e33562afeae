"""MADE: a perceptron whose masks let each output see the inputs before it only."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from gen_models.networks.autoregressive.causal import Causal, ClassBias
from gen_models.networks.layers.typed import Layers


class MADE(Causal):
    """MADE: masked autoencoder for distribution estimation, samples of any shape to logits of their levels.

    Germain et al. (2015), https://arxiv.org/abs/1502.03509. The order is that of drawing, and the numbers m of hidden
    units are spread evenly, where the paper draws them, so that a network is the same wherever it is built.

    Args:
        shape: (C, *positions) of a sample.
        levels: Levels of a channel.
        hidden: Units of the hidden layers.
        classes: Classes that each layer has a bias for; 0 for none.

    Raises:
        ValueError: The data has no levels.
    """

    def __init__(
        self, shape: Sequence[int], levels: int | None, hidden: Sequence[int] = (512,), classes: int = 0
    ) -> None:
        super().__init__(shape, levels, classes, axes=None)
        size = torch.Size(self.shape).numel()
        numbers = torch.arange(1, size + 1)
        between = [1 + torch.arange(units) * max(1, size - 1) // units for units in hidden]
        *inner, last = [*zip([numbers, *between], between, strict=False), (between[-1] if hidden else numbers, numbers)]
        masks = [after[:, None] >= before for before, after in inner]
        each = self.outputs // self.shape[0]
        masks.append((last[1][:, None] > last[0]).repeat_interleave(each, 0))
        self.layers = Layers[MaskedLinear](MaskedLinear(mask) for mask in masks)
        self.biases = Layers[ClassBias](ClassBias(classes, len(mask)) for mask in masks)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, C · levels, *positions) of samples in [-1, 1]."""
        channels, *positions = self.shape
        features = x.flatten(2).transpose(1, 2).flatten(1)
        for index, (layer, bias) in enumerate(zip(self.layers, self.biases, strict=True)):
            features = bias(layer(features.relu() if index else features), y)
        return features.unflatten(1, (-1, self.outputs)).transpose(1, 2).unflatten(2, positions)


class MaskedLinear(nn.Linear):
    """Masked fully connected layer.

    Args:
        mask: (outputs, inputs): which output sees which input.
    """

    mask: Tensor

    def __init__(self, mask: Tensor) -> None:
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask.float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs) of (B, inputs)."""
        return linear(x, self.weight * self.mask, self.bias)
