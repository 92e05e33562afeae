"""MADE: a perceptron whose masks let each output see the inputs before it only."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from random import Random

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from gen_models.networks.autoregressive.causal import Causal, ClassBias
from gen_models.networks.layers.typed import Layers


class MADE(Causal):
    """MADE: masked autoencoder for distribution estimation, samples of any shape to logits of their levels.

    Germain et al. (2015), https://arxiv.org/abs/1502.03509. Masks of number 0 have the order of drawing, and numbers m
    of hidden units that are spread evenly, where the paper draws them. Those of another number have a random order and
    random connections (sections 4.2 and 4.3), which follow from the number alone: they are the same everywhere.

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
        self.hidden = tuple(hidden)
        masks = self.masks(0)
        self.layers = Layers[MaskedLinear](MaskedLinear(mask) for mask in masks)
        self.biases = Layers[ClassBias](ClassBias(classes, len(mask)) for mask in masks)

    def forward(self, x: Tensor, y: Tensor | None = None, masks: Sequence[Tensor] | None = None) -> Tensor:
        """Give logits (B, C · levels, *positions) of samples in [-1, 1], by other masks than those of number 0."""
        channels, *positions = self.shape
        features = x.flatten(2).transpose(1, 2).flatten(1)
        for index, (layer, bias) in enumerate(zip(self.layers, self.biases, strict=True)):
            mask = None if masks is None else masks[index]
            features = bias(layer(features.relu() if index else features, mask), y)
        return features.unflatten(1, (-1, self.outputs)).transpose(1, 2).unflatten(2, positions)

    def masks(self, number: int) -> list[Tensor]:
        """Give for each layer which output sees which input (equations 12 and 13), as (outputs, inputs)."""
        first, *between = self._numbers(number)
        pairs = pairwise([first, *between])
        last = first[:, None] > (between[-1] if between else first)
        return [*(after[:, None] >= before for before, after in pairs), last.repeat_interleave(self._each, 0)]

    def order(self, number: int) -> Tensor:
        """Give the dimensions in the order of drawing by masks of a number; position · C + channel is one's index."""
        return self._numbers(number)[0].argsort()

    @property
    def _each(self) -> int:
        return self.outputs // self.shape[0]

    def _numbers(self, number: int) -> list[Tensor]:
        """The numbers m of the inputs, which are their places in the order, and of the units of each hidden layer."""
        size = torch.Size(self.shape).numel()
        if not number:
            between = (1 + torch.arange(units) * max(1, size - 1) // units for units in self.hidden)
            return [torch.arange(1, size + 1), *between]
        device = next(self.parameters()).device
        return [torch.tensor(each, device=device) for each in drawn_numbers(number, size, self.hidden)]


@cache
def drawn_numbers(number: int, size: int, hidden: Sequence[int]) -> list[list[int]]:
    """Draw the numbers m of inputs and hidden units, the same ones wherever it is asked (section 4.2 and 4.3).

    Args:
        number: Of the draw.
        size: Dimensions of a sample.
        hidden: Units of the hidden layers.
    """
    source = Random(number)
    numbers = [source.sample(range(1, size + 1), size)]
    for units in hidden:
        least = min(numbers[-1])
        numbers.append([source.randint(least, max(least, size - 1)) for _ in range(units)])
    return numbers


class MaskedLinear(nn.Linear):
    """Masked fully connected layer.

    Args:
        mask: (outputs, inputs): which output sees which input.
    """

    mask: Tensor

    def __init__(self, mask: Tensor) -> None:
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask.float(), persistent=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Give (B, outputs) of (B, inputs), by another mask if there is one."""
        return linear(x, self.weight * (self.mask if mask is None else mask), self.bias)
