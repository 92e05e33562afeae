"""Coupling layers: one part of the data scales and shifts the other, y₂ = F(x₁) ⊙ x₂ + H(x₁).

The Jacobian is triangular and the inverse as cheap as the map, whatever the network is (Dinh et al. 2015,
https://arxiv.org/abs/1410.8516, and 2017, https://arxiv.org/abs/1605.08803). As in the papers the shift comes last; in
the programs of RealNVP's and Glow's authors it comes first, (x₂ + H) F.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gen_models.networks.flows.bijection import Bijection

MakeNetwork = Callable[[int, int], nn.Module]
"""Makes a coupling's network, called with samples and classes, from the numbers of its input and output channels."""


class Form(nn.Module, ABC):
    """Form of a coupling: a network's raw output to log F and H.

    Attributes:
        outputs: Raw channels for each one that is moved.
    """

    outputs = 2

    @abstractmethod
    def forward(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Give log F and H."""


class Additive(Form):
    """Additive coupling, F = 1: volumes are kept (NICE, Dinh et al. 2015, section 3.2, https://arxiv.org/abs/1410.8516)."""

    outputs = 1

    def forward(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Give zeros and the raw output."""
        return torch.zeros_like(raw), raw


class Exponential(Form):
    """Affine coupling with F = eʰ."""

    def forward(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Give both halves of the raw output."""
        log_scale, shift = raw.chunk(2, dim=1)
        return log_scale, shift


class BoundedExponential(Form):
    """Affine coupling with F = exp(s tanh h), s learned (RealNVP, Dinh et al. 2017, section 4.1, https://arxiv.org/abs/1605.08803).

    Args:
        bound: What s begins with.
    """

    def __init__(self, bound: float = 1.0) -> None:
        super().__init__()
        self.bound = nn.Parameter(torch.tensor(float(bound)))

    def forward(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Give s tanh h and the other half of the raw output."""
        h, shift = raw.chunk(2, dim=1)
        return self.bound * h.tanh(), shift


class Sigmoid(Form):
    """Affine coupling with F = σ(h + 2): contracts, and is 0.88 where the network gives zero (openai/glow)."""

    def forward(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Give log σ(h + 2) and the other half of the raw output."""
        h, shift = raw.chunk(2, dim=1)
        return -softplus(-2 - h), shift  # not logsigmoid, which gives up channels_last


class BoundedSigmoid(Form):
    """Affine coupling with F = b + (1 - b) σ(h + 2), b = ½: its inverse at most doubles what the shift leaves.

    A scale near zero makes inverses explode (Behrmann et al. 2021, https://arxiv.org/abs/2006.09347): what is divided
    by it is the next network's input, whose scale is then nearer to zero. Theirs is b = ½, too (asteroidhouse/
    INN-exploding-inverses, lib/layers/coupling.py).

    Args:
        least: The smallest scale b, in (0, 1).
    """

    def __init__(self, least: float = 0.5) -> None:
        super().__init__()
        self.log_least = math.log(least)

    def forward(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Give log F, from log b to 0, and the other half of the raw output."""
        h, shift = raw.chunk(2, dim=1)
        return softplus(self.log_least - 2 - h) - softplus(-2 - h), shift


class HalfCoupling(Bijection):
    """Coupling of the two halves of the channels, or of a vector's entries: one is kept, and tells how the other moves.

    Args:
        channels: Channels of the data.
        swap: Move the first half instead of the second.

    Raises:
        ValueError: There is nothing to halve.
    """

    @abstractmethod
    def __init__(self, channels: int, swap: bool) -> None:
        super().__init__()
        if channels < 2:
            raise ValueError("couplings halve the data, and this has one dimension: choose data=toy2d, or pictures.")
        self.first = (channels + 1) // 2
        self.swap = swap
        self.kept, self.moved = (channels - self.first, self.first) if swap else (self.first, channels - self.first)

    def halves(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Give what is kept of (B, channels, …), and what is moved."""
        first, second = x.split([self.first, x.shape[1] - self.first], dim=1)
        return (second, first) if self.swap else (first, second)

    def whole(self, kept: Tensor, moved: Tensor) -> Tensor:
        """Put the two together again."""
        return torch.cat([moved, kept] if self.swap else [kept, moved], dim=1)


class SplitCoupling(HalfCoupling):
    """Affine coupling of the two halves of the channels, or of a vector's entries.

    Args:
        channels: Channels of the data.
        network: Makes the network.
        form: Reads its output.
        swap: Move the first half instead of the second.
    """

    def __init__(self, channels: int, network: MakeNetwork, form: Form, swap: bool = False) -> None:
        super().__init__(channels, swap)
        self.form = form
        self.network = network(self.kept, self.moved * form.outputs)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scale, then shift."""
        kept, moved = self.halves(x)
        log_scale, shift = self.form(self.network(kept, y).float())
        return self.whole(kept, moved * log_scale.exp() + shift), log_scale.flatten(1).sum(1)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Shift back, then scale back."""
        kept, moved = self.halves(z)
        log_scale, shift = self.form(self.network(kept, y).float())
        return self.whole(kept, (moved - shift) * (-log_scale).exp())


class MaskedCoupling(Bijection):
    """Masked coupling: the pixels where a mask is 1 scale and shift the others.

    Dinh et al. (2017), equation 9, https://arxiv.org/abs/1605.08803.

    Args:
        mask: (1, H, W) zeros and ones.
        channels: Channels of the data.
        network: Makes the network.
        form: Reads its output.
    """

    mask: Tensor

    def __init__(self, mask: Tensor, channels: int, network: MakeNetwork, form: Form) -> None:
        super().__init__()
        self.register_buffer("mask", mask, persistent=False)
        self.form = form
        self.network = network(channels, channels * form.outputs)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scale, then shift."""
        log_scale, shift = self._affine(x, y)
        return x * log_scale.exp() + shift, log_scale.flatten(1).sum(1)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Shift back, then scale back."""
        log_scale, shift = self._affine(z, y)
        return (z - shift) * (-log_scale).exp()

    def _affine(self, x: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor]:
        """Give log F and H, both zero where the mask keeps."""
        log_scale, shift = self.form(self.network(x * self.mask, y).float())
        moves = 1 - self.mask
        return log_scale * moves, shift * moves


def checkerboard(height: int, width: int, flip: bool = False) -> Tensor:
    """Checkerboard mask (1, H, W): ones where row + column is even, or odd with `flip`."""
    parity = (torch.arange(height)[:, None] + torch.arange(width)) % 2
    return (parity == int(flip)).float()[None]
