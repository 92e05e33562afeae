"""Conditioning of a generator's block on its code (Progressive InfoGAN, https://github.com/jonasz/progressive_infogan).

The ways that the source compares (networks.py: `inject_infogan_vars`, `infogan_input_hook`): a block can be conditioned
at its input, and before each convolution.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from gen_models.networks.gan.equalised import EqualisedLinear
from gen_models.networks.layers.weights import glorot

Conditioning = Literal["placewise", "append", "channels", "first", "unmask"]
"""Conditioning of a generator on codes of each scale, as the ablations of 2018_08_28 have it.

`placewise`: a linear map of a block's own code is added wherever it can be. `append`, `channels`: the code is appended
to the block's input, as it is or after a layer. `first`: all codes are appended to the noise; `unmask`: so, but those
of scales that have not grown yet are 0.
"""


class CodeConditioning(nn.Module, ABC):
    """Layer that conditions its input on a code.

    Attributes:
        appended: How many channels, or entries, it appends to its input.
    """

    appended: int

    @abstractmethod
    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Give (B, C + appended, …) for (B, C, …) and codes (B, D)."""


class Unconditioned(CodeConditioning):
    """Identity: no conditioning here."""

    appended = 0

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Give the input back."""
        return x


class PlacewiseConditioning(CodeConditioning):
    """Conditioning by a bias for each channel at each place: a linear map of the code, which can so say where.

    tfgan.features.condition_tensor of the source; its weights start as Glorot's and are not equalised.

    Args:
        codes: Size of the code.
        shape: Of the input, (C,) or (C, H, W).
    """

    appended = 0

    def __init__(self, codes: int, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.map = nn.Linear(codes, math.prod(shape))
        glorot(self.map)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Add to (B, *shape) what codes (B, codes) say of each place."""
        return x + self.map(code).view(-1, *self.shape)


class AppendedCode(CodeConditioning):
    """Conditioning by appending the code: to vectors as entries, to maps as planes.

    Args:
        codes: Size of the code.
    """

    def __init__(self, codes: int) -> None:
        super().__init__()
        self.appended = codes

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Give (B, C + codes, …)."""
        planes = code if x.ndim == 2 else code[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return torch.cat([x, planes], dim=1)


class AppendedPlanes(CodeConditioning):
    """Conditioning by appending as many planes as the map has channels, made of the code by a layer.

    Args:
        codes: Size of the code.
        channels: Of the map.
    """

    def __init__(self, codes: int, channels: int) -> None:
        super().__init__()
        self.appended = channels
        self.map = EqualisedLinear(codes, channels)
        self.append = AppendedCode(channels)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Give (B, 2 C, H, W)."""
        return self.append(x, leaky_relu(self.map(code), 0.2))


def at_input(conditioning: Conditioning, codes: int, shape: Sequence[int]) -> CodeConditioning:
    """The layer that conditions a block's input, noise (C,) or a map (C, H, W)."""
    if not codes:
        return Unconditioned()
    if conditioning == "placewise":
        return PlacewiseConditioning(codes, shape)
    if conditioning == "channels" and len(shape) == 3:
        return AppendedPlanes(codes, shape[0])
    return AppendedCode(codes)


def within(conditioning: Conditioning, codes: int, shape: Sequence[int]) -> CodeConditioning:
    """The layer that conditions the input (C, H, W) of a block's convolution."""
    return PlacewiseConditioning(codes, shape) if codes and conditioning == "placewise" else Unconditioned()
