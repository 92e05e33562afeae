"""Causal (masked) convolutions of images.

Kernels are cropped to what they may see, instead of multiplied by a mask: rows above, or columns to the left. A mask
remains where the channels of one position see each other in order: each feature belongs to one channel of the image,
and sees features of earlier channels, or of its own too (masks A and B: van den Oord et al. 2016, figure 2,
https://arxiv.org/abs/1601.06759).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad


class ShiftedConv(nn.Conv2d):
    """Shifted convolution: padded differently on each side; negative padding shifts its view away.

    Args:
        inputs: Channels that it reads.
        outputs: Channels that it gives.
        kernel: (rows, columns).
        margins: Zeros added (left, right, top, bottom), as of `torch.nn.functional.pad`.
        stride: Of both axes.
        bias: Add a bias.
    """

    mask: Tensor | None

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        margins: tuple[int, int, int, int],
        stride: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, bias=bias)
        self.margins = margins
        self.register_buffer("mask", None, persistent=False)
        self.register_load_state_dict_pre_hook(_without_mask)

    def visible(self) -> Tensor:
        """Give the weight, without what it may not see."""
        return self.weight if self.mask is None else self.weight * self.mask

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (B, inputs, H, W) to (B, outputs, H', W')."""
        x = pad(x, self.margins) if any(self.margins) else x
        return conv2d(x, self.visible(), self.bias, self.stride)


def _without_mask(_: nn.Module, state: dict[str, Any], prefix: str, *__: Any) -> None:
    """Pass over the mask in checkpoints that hold it: it follows from the arguments."""
    state.pop(f"{prefix}mask", None)


def above(inputs: int, outputs: int, rows: int, columns: int, present: bool = False, bias: bool = True) -> ShiftedConv:
    """Causal convolution over so many rows above a position; `present` counts the position's own row among them.

    Raises:
        ValueError: The kernel has no middle column.
    """
    if columns % 2 == 0:
        raise ValueError(f"a kernel that looks to both sides is odd, not {columns}: change network.causal's kernels.")
    side = columns // 2
    return ShiftedConv(inputs, outputs, (rows, columns), (side, side, rows - present, present - 1), bias=bias)


def beside(inputs: int, outputs: int, back: int, channels: int, present: bool = True, repeats: int = 1) -> ShiftedConv:
    """Causal convolution over a position and the `back` ones to its left (masks A and B).

    Args:
        inputs: Features that it reads, each of one of the image's channels.
        outputs: Features that it gives, likewise.
        back: Positions to the left.
        channels: Channels of the image.
        present: See features of the own channel at the position itself (mask B), not of earlier ones only (mask A).
        repeats: The shares of `outputs` come so many times, as in the two halves of a gate.
    """
    if channels == 1 and not present:
        return ShiftedConv(inputs, outputs, (1, back), (back, -1, 0, 0))
    conv = ShiftedConv(inputs, outputs, (1, back + 1), (back, 0, 0, 0))
    if channels > 1:
        sees, owner = shares(inputs, channels), shares(outputs // repeats, channels).repeat(repeats)[:, None]
        conv.mask = torch.ones_like(conv.weight)
        conv.mask[:, :, 0, -1] = (sees <= owner if present else sees < owner).float()
    return conv


def pointwise(inputs: int, outputs: int, channels: int) -> ShiftedConv:
    """A 1x1 convolution with mask B."""
    return beside(inputs, outputs, 0, channels)


def shares(features: int, channels: int) -> Tensor:
    """For each feature the channel of the image that it belongs to."""
    return torch.arange(features) * channels // features


class Head(nn.Sequential):
    """Output layers: two masked 1x1 convolutions, each after a ReLU, from features to parameters.

    Args:
        inputs: Features that it reads.
        hidden: Features between the two.
        outputs: Parameters.
        channels: Channels of the image.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int, channels: int) -> None:
        convs = pointwise(inputs, hidden, channels), pointwise(hidden, outputs, channels)
        super().__init__(nn.ReLU(), convs[0], nn.ReLU(), convs[1])
        self.convs = convs
