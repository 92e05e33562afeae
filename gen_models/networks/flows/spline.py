"""Monotone rational-quadratic splines (Durkan et al. 2019, Neural spline flows, section 3.1, https://arxiv.org/abs/1906.04032)."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad, softmax, softplus

LEAST = 1e-3
"""Share of the range that a bin has at least, and the least slope at a knot."""
UNIT = math.log(math.expm1(1 - LEAST))
"""Raw slope at which a knot has slope 1: 0.53974."""


class Spline(NamedTuple):
    """Monotone spline for each number: positions, values and slopes (…, K + 1) of its knots, all rising.

    Between knots it is a quotient of quadratics; beyond the first and the last it is the identity.
    """

    x: Tensor
    y: Tensor
    slopes: Tensor


class _Bin(NamedTuple):
    """The two knots around each number: left ends, width and height, slopes at both."""

    x: Tensor
    y: Tensor
    width: Tensor
    height: Tensor
    left: Tensor
    right: Tensor

    @property
    def mean(self) -> Tensor:
        """Mean slope."""
        return self.height / self.width

    @property
    def bend(self) -> Tensor:
        """Sum of the slopes beyond twice the mean slope."""
        return self.left + self.right - 2 * self.mean


def parameters(bins: int) -> int:
    """Raw numbers that make a spline of so many bins: widths, heights, inner slopes."""
    return 3 * bins - 1


def spline_of(raw: Tensor, bound: float) -> Spline:
    """Make splines on [-bound, bound] of raw numbers (…, 3K - 1); zeros make the identity."""
    bins = (raw.shape[-1] + 1) // 3
    sides, slopes = raw.split([2 * bins, bins - 1], dim=-1)  # widths, heights
    x, y = _knots(sides.unflatten(-1, (2, bins)), bound).unbind(-2)
    return Spline(x, y, pad(LEAST + softplus(slopes + UNIT), (1, 1), value=1.0))


def evaluate(spline: Spline, x: Tensor) -> tuple[Tensor, Tensor]:
    """Values and log-slopes of numbers x (…): equations 4 and 5."""
    part = _bin(spline, spline.x, x)
    t = ((x - part.x) / part.width).clamp(0, 1)
    mix = t * (1 - t)
    under = part.mean + part.bend * mix
    y = part.y + part.height * (part.mean * t.square() + part.left * mix) / under
    return _outside(spline.x, x, y, _log_slope(part, t))


def invert(spline: Spline, y: Tensor) -> Tensor:
    """Numbers whose values are y (…), by the root of a quadratic that loses no digits: equations 6 to 8."""
    part = _bin(spline, spline.y, y)
    rise = (y - part.y).clamp(min=0)
    a = part.height * (part.mean - part.left) + rise * part.bend
    b = part.height * part.left - rise * part.bend
    c = -part.mean * rise
    root = (b.square() - 4 * a * c).clamp(min=0).sqrt()
    x = part.x + part.width * (2 * c / (-b - root))
    return torch.where(_beyond(spline.y, y), y, x)


def _knots(raw: Tensor, bound: float) -> Tensor:
    """Positions (…, K + 1) from -bound to bound, whose distances are a softmax of raw numbers (…, K)."""
    bins = raw.shape[-1]
    shares = LEAST + (1 - LEAST * bins) * softmax(raw, dim=-1)
    inner = bound * (2 * shares.cumsum(-1)[..., :-1] - 1)
    return pad(pad(inner, (1, 0), value=-bound), (0, 1), value=bound)


def _bin(spline: Spline, knots: Tensor, at: Tensor) -> _Bin:
    """The bin in which each number lies among these knots; the first or the last for one beyond."""
    index = (at[..., None] >= knots[..., 1:-1]).sum(-1, keepdim=True)
    ends = torch.cat([index, index + 1], dim=-1)
    (x, x_next), (y, y_next), (left, right) = (part.gather(-1, ends).unbind(-1) for part in spline)
    return _Bin(x, y, x_next - x, y_next - y, left, right)


def _log_slope(part: _Bin, t: Tensor) -> Tensor:
    """Logarithm of the slope at the share t of a bin."""
    mix = t * (1 - t)
    over = part.right * t.square() + 2 * part.mean * mix + part.left * (1 - t).square()
    return 2 * part.mean.log() + over.log() - 2 * (part.mean + part.bend * mix).log()


def _beyond(knots: Tensor, at: Tensor) -> Tensor:
    return (at < knots[..., 0]) | (at > knots[..., -1])


def _outside(knots: Tensor, x: Tensor, y: Tensor, log_slope: Tensor) -> tuple[Tensor, Tensor]:
    """The identity beyond the knots, and what is given between them."""
    beyond = _beyond(knots, x)
    return torch.where(beyond, x, y), log_slope.masked_fill(beyond, 0.0)
