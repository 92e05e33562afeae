"""Peak signal-to-noise ratio, for values in [-1, 1]."""

from torch import Tensor

LEAST = 1e-12
"""Of the mean squared error; an exact copy has 126 dB."""


def squared_errors(pictures: Tensor, originals: Tensor) -> Tensor:
    """Mean squared errors (B,) of pictures (B, *shape)."""
    return (pictures - originals).square().flatten(1).mean(1)


def decibels(errors: Tensor) -> Tensor:
    """The ratio in dB that mean squared errors of any shape stand for."""
    return 10 * (4 / errors.clamp(min=LEAST)).log10()


def psnr(pictures: Tensor, originals: Tensor) -> Tensor:
    """Ratios (B,) in dB of pictures (B, *shape) to their originals."""
    return decibels(squared_errors(pictures, originals))
