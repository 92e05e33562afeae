"""Class conditioning: networks that are told the class, by one-hot classes at inputs, or gains and biases of norms."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

Where = Literal["input", "every"]
"""Append the class to the network's input (CGAN, https://arxiv.org/abs/1411.1784), or to every layer's."""


@runtime_checkable
class Conditional(Protocol):
    """A network that may be conditioned on the class."""

    @property
    def classes(self) -> int:
        """How many classes; 0 for a network that ignores them."""


@runtime_checkable
class PartlyTold(Conditional, Protocol):
    """A class-conditional network for partly labelled data, whose items have class -1 where it is not known."""

    @property
    def unknown(self) -> int:
        """What it takes for the class of these."""


def required(y: Tensor | None) -> Tensor:
    """Give the classes back.

    Raises:
        ValueError: The network wants a class and gets none.
    """
    if y is None:
        raise ValueError("this network is conditional: it needs the classes y.")
    return y


def append_class(x: Tensor, y: Tensor | None, classes: int) -> Tensor:
    """Append the one-hot class to vectors (B, D) as entries, or to images (B, C, H, W) as planes.

    Args:
        x: The input.
        y: (B,) int64 classes.
        classes: How many there are; 0 returns `x` as it is.

    Raises:
        ValueError: The network wants a class and gets none.
    """
    if not classes:
        return x
    code = one_hot(required(y), classes).to(x.dtype)
    if x.ndim == 4:
        code = code[:, :, None, None].expand(-1, -1, *x.shape[2:])
    return torch.cat([x, code], dim=1)


def appended(layers: int, classes: int, where: Where) -> list[int]:
    """Numbers of classes that are appended to the input of each of so many layers."""
    return [classes, *[classes if where == "every" else 0] * (layers - 1)]


class ConditionedSequential(nn.ModuleList):
    """Conditioned `Sequential`: layers in sequence, each given the class.

    Args:
        layers: The layers; their inputs have room for the class.
        counts: For each layer the classes appended to its input; 0 for none.
    """

    def __init__(self, layers: Sequence[nn.Module], counts: Sequence[int]) -> None:
        super().__init__(layers)
        self.counts = counts

    def forward(self, x: Tensor, y: Tensor | None) -> Tensor:
        """Give the last layer's output for an input (B, …) and classes (B,)."""
        for layer, count in zip(self, self.counts, strict=True):
            x = layer(append_class(x, y, count))
        return x


Embed = Callable[[int], nn.Embedding | nn.Linear]
"""Makes a map from conditions to vectors of the given size: from classes, or from vectors."""


class ConditionalBatchNorm(nn.Module):
    """Conditional batch normalisation: gain and bias follow from a condition.

    Dumoulin et al. (2017), https://arxiv.org/abs/1610.07629; in GANs, Miyato and Koyama (2018),
    https://arxiv.org/abs/1802.05637.

    It starts as plain batch normalisation, gain 1 and bias 0, unless a network starts all of its weights otherwise, as
    BigGAN's generators do.

    Args:
        channels: Channels of the map.
        embed: Maps the condition to what is added to the gain, and to the bias; None learns one for all.
    """

    def __init__(self, channels: int, embed: Embed | None = None) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=embed is None)  # a part, which torch can synchronise over ranks
        self.to_gain = _zero(embed(channels)) if embed else None
        self.to_bias = _zero(embed(channels)) if embed else None

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """Normalise (B, channels, H, W) under conditions (B,) or (B, D)."""
        x = self.norm(x)
        if self.to_gain is None or self.to_bias is None:
            return x
        gain, bias = (to(required(condition))[:, :, None, None] for to in (self.to_gain, self.to_bias))
        return x * (1 + gain) + bias


def _zero(layer: nn.Embedding | nn.Linear) -> nn.Embedding | nn.Linear:
    nn.init.zeros_(layer.weight)
    return layer
