"""Gated residual block of PixelCNN++ (Salimans et al. 2017, https://arxiv.org/abs/1701.05517; openai/pixel-cnn)."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import elu, glu

from gen_models.networks.autoregressive.causal import ClassBias
from gen_models.networks.autoregressive.causal_conv import ShiftedConv, pointwise
from gen_models.networks.autoregressive.raster import Dense, PixelConv, RowConv
from gen_models.networks.autoregressive.taps import Map
from gen_models.networks.layers.dropout import Dropout
from gen_models.networks.layers.weight_norm import normalise_weight

Stack = Literal["u", "ul"]
"""Stacks by their receptive fields: up, in full width; or up and left."""

SMALL = 0.1
"""Initial factor on a block's second convolution (`init_scale`): a block starts close to the identity."""


def shifted(stack: Stack, inputs: int, outputs: int, stride: int = 1) -> ShiftedConv:
    """Shifted convolution of a stack: 2x3 and nothing below, or 2x2 and nothing to the right either."""
    columns, right = (3, 1) if stack == "u" else (2, 0)
    return ShiftedConv(inputs, outputs, (2, columns), (1, right, 1, 0), stride)


def normalise_weights(net: nn.Module) -> None:
    """Normalise the weights of all convolutions of a network of gated residual blocks, started by the first batch."""
    small = {block.second for block in net.modules() if isinstance(block, GatedResnet)}
    for layer in list(net.modules()):
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            normalise_weight(layer, SMALL if layer in small else 1.0)


def concat_elu(x: Tensor, dim: int = 1) -> Tensor:
    """Concatenated ELU: of both signs, twice the features (as CReLU, Shang et al. 2016, https://arxiv.org/abs/1603.05201)."""
    return elu(torch.cat([x, -x], dim))


class GatedResnet(nn.Module):
    """Gated residual block x + a ⊙ σ(b), with a and b from two convolutions of x and from a shortcut.

    Args:
        stack: Which convolutions.
        width: Features.
        shortcut: Features of the shortcut; 0 for none.
        classes: Classes that it has a bias for.
        dropout: Probability of dropping a feature between the convolutions.
    """

    def __init__(self, stack: Stack, width: int, shortcut: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.first = shifted(stack, 2 * width, width)
        self.shortcut = pointwise(2 * shortcut, width, channels=1) if shortcut else None
        self.dropout = Dropout(dropout)
        self.second = shifted(stack, 2 * width, 2 * width)
        self.bias = ClassBias(classes, 2 * width, std=0.05)
        with torch.no_grad():
            self.second.weight.mul_(SMALL)

    def forward(self, x: Tensor, y: Tensor | None, shortcut: Tensor | None = None) -> Tensor:
        """Give features (B, width, H, W)."""
        inner = self.first(concat_elu(x))
        if self.shortcut is not None and shortcut is not None:
            inner = inner + self.shortcut(concat_elu(shortcut))
        inner = self.second(self.dropout(concat_elu(inner)))
        return x + glu(self.bias(inner, y), dim=1)


class Pair(nn.Module):
    """Gated residual blocks of both stacks; the features of stack u are a shortcut of stack ul.

    Args:
        width: Features in each stack.
        back: On the way back to the fine scales: with shortcuts from the way there.
        classes: Classes that it has biases for.
        dropout: Probability of dropping a feature within a block.
    """

    def __init__(self, width: int, back: bool, classes: int, dropout: float) -> None:
        super().__init__()
        self.u = GatedResnet("u", width, width * back, classes, dropout)
        self.ul = GatedResnet("ul", width, width * (1 + back), classes, dropout)

    def forward(
        self, u: Tensor, ul: Tensor, y: Tensor | None, shortcuts: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Give the features (B, width, H, W) of both stacks; `shortcuts` are theirs from the way there."""
        if shortcuts is None:
            u = self.u(u, y)
            return u, self.ul(ul, y, u)
        u = self.u(u, y, shortcuts[0])
        return u, self.ul(ul, y, torch.cat([u, shortcuts[1]], dim=1))


class ResnetSteps:
    """Cached sampling of a block, by rows or by pixels.

    Args:
        block: The block.
        convs: Its two convolutions with their memories.
        y: Classes (n,).
    """

    def __init__(self, block: GatedResnet, convs: Sequence[RowConv | PixelConv], y: Tensor | None) -> None:
        self.first, self.second = convs
        self.shortcut = None if block.shortcut is None else Dense(block.shortcut)
        self.bias, self.y = block.bias, y

    def __call__(self, place: int, x: Tensor, shortcut: Tensor | None) -> Tensor:
        """Give row or column `place` of the output: features (n, …, width), as x."""
        inner = self.first(place, concat_elu(x, -1))
        if self.shortcut is not None and shortcut is not None:
            inner = inner + self.shortcut(concat_elu(shortcut, -1))
        inner = self.second(place, concat_elu(inner, -1))
        return x + glu(self.bias(inner, self.y, dim=-1), dim=-1)


class PairSteps:
    """Cached sampling of a pair: a row of stack u at a time, a pixel of stack ul.

    Args:
        pair: The pair.
        image: A map of its scale.
        y: Classes (n,).
    """

    def __init__(self, pair: Pair, image: Map, y: Tensor | None) -> None:
        rows = [RowConv(conv, image.alike(conv.in_channels)) for conv in (pair.u.first, pair.u.second)]
        self.pixels = [PixelConv(conv, image.alike(conv.in_channels)) for conv in (pair.ul.first, pair.ul.second)]
        self.u, self.ul = ResnetSteps(pair.u, rows, y), ResnetSteps(pair.ul, self.pixels, y)
        self.u_row: Sequence[Tensor] = ()

    def enter(self, i: int, u: Tensor, shortcut: Tensor | None = None) -> Tensor:
        """Compute row i of stack u, (n, W, width)."""
        u = self.u(i, u, shortcut)
        self.u_row = u.unbind(1)
        for conv in self.pixels:
            conv.enter(i)
        return u

    def pixel(self, j: int, ul: Tensor, shortcut: Tensor | None = None) -> Tensor:
        """Compute stack ul at column j, (n, width)."""
        u = self.u_row[j]
        return self.ul(j, ul, u if shortcut is None else torch.cat([u, shortcut], dim=1))
