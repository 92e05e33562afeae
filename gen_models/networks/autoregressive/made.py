"""MADE: a perceptron whose masks let each output see the inputs before it only."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from random import Random
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from gen_models.networks.autoregressive.causal import Causal, ClassBias
from gen_models.networks.layers.typed import Layers
from gen_models.networks.layers.weights import orthogonal, zero_bias


class MADE(Causal):
    """MADE: masked autoencoder for distribution estimation, samples of any shape to logits of their levels.

    Germain et al. (2015), https://arxiv.org/abs/1502.03509. Masks of draw 0 have the order of drawing, and numbers m
    of hidden units that are spread evenly, where the paper draws them. Those of another draw have a random order and
    random connections (sections 4.2 and 4.3), which follow from its number alone: they are the same everywhere.

    Args:
        shape: (C, *positions) of a sample.
        levels: Levels of a channel.
        hidden: Units of the hidden layers.
        classes: Classes that each layer has a bias for; 0 for none.
        black: What it sees of the lowest level, where the highest is 1: 0 as published, or -1 as the data have it.
        start: How weights start: as torch has them, or orthogonal with biases of 0 (mgermain/MADE).

    Raises:
        ValueError: The data has no levels.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int | None,
        hidden: Sequence[int] = (512,),
        classes: int = 0,
        black: float = -1.0,
        start: Literal["torch", "orthogonal"] = "torch",
    ) -> None:
        super().__init__(shape, levels, classes, axes=None)
        self.hidden, self.black = tuple(hidden), black
        masks = self.masks(self.numbers(0))
        self.layers = Layers[MaskedLinear](MaskedLinear(mask) for mask in masks)
        self.biases = Layers[ClassBias](ClassBias(classes, len(mask)) for mask in masks)
        if start == "orthogonal":
            for layer in self.layers:
                orthogonal(layer)
                zero_bias(layer)

    def forward(self, x: Tensor, y: Tensor | None = None, masks: Sequence[Tensor] | None = None) -> Tensor:
        """Give logits (B, C · levels, *positions) of samples in [-1, 1], by other masks than those of draw 0."""
        channels, *positions = self.shape
        seen = self.black + (1 - self.black) / 2 * (x + 1)
        features = seen.flatten(2).transpose(1, 2).flatten(1)
        for index, (layer, bias) in enumerate(zip(self.layers, self.biases, strict=True)):
            mask = None if masks is None else masks[index]
            features = bias(layer(features.relu() if index else features, mask), y)
        return features.unflatten(1, (-1, self.outputs)).transpose(1, 2).unflatten(2, positions)

    def numbers(self, draw: int) -> list[Tensor]:
        """Give the numbers m of the inputs, which are their places in the order, and of the units of each layer."""
        size = torch.Size(self.shape).numel()
        if not draw:
            between = (1 + torch.arange(units) * max(1, size - 1) // units for units in self.hidden)
            return [torch.arange(1, size + 1), *between]
        return [torch.tensor(each) for each in drawn_numbers(draw, size, self.hidden)]

    def masks(self, numbers: Sequence[Tensor]) -> list[Tensor]:
        """Give for each layer which output sees which input (equations 12 and 13), as (outputs, inputs)."""
        first, *between = numbers
        last = first[:, None] > (between[-1] if between else first)
        each = self.outputs // self.shape[0]
        return [*(after[:, None] >= before for before, after in pairwise(numbers)), last.repeat_interleave(each, 0)]

    def order(self, numbers: Sequence[Tensor]) -> Tensor:
        """Give the dimensions in the order of drawing; position · C + channel is one's index."""
        return numbers[0].argsort()


class MaskNumbers(nn.Module):
    """The numbers m of several draws, kept where the network is.

    Args:
        draws: What `MADE.numbers` gives, of each draw.
    """

    def __init__(self, draws: Sequence[Sequence[Tensor]]) -> None:
        super().__init__()
        for layer, numbers in enumerate(zip(*draws, strict=True)):
            self.register_buffer(f"layer_{layer}", torch.stack(numbers), persistent=False)

    def forward(self, draw: int) -> list[Tensor]:
        """Give the numbers of one draw, layer by layer."""
        return [numbers[draw] for numbers in self.buffers()]


@cache
def drawn_numbers(draw: int, size: int, hidden: Sequence[int]) -> list[list[int]]:
    """Draw the numbers m of inputs and hidden units, the same ones wherever it is asked (section 4.2 and 4.3).

    Args:
        draw: Which of them.
        size: Dimensions of a sample.
        hidden: Units of the hidden layers.
    """
    source = Random(draw)
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
