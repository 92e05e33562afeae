"""Octaves of spatial frequency, and which of them the entries of a latent change."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from gen_models.metrics.disentanglement import mutual_information

SMALLEST = 4
"""Pixels a side of what is halved no further: the coarsest band."""


def band_energies(images: Tensor) -> Tensor:
    """Cut images into what each doubling of their side adds to it, and give the mean square of each band.

    Means over 2x2 pixels are an orthogonal projection, so the bands' energies add up to the images'.

    Args:
        images: (B, C, S, S); S is halved while it is even and leaves at least 4 pixels.

    Returns:
        (B, bands), the coarsest first.
    """
    energies = []
    while images.shape[-1] % 2 == 0 and images.shape[-1] >= 2 * SMALLEST:
        coarse = avg_pool2d(images, 2)
        energies.append((images - interpolate(coarse, scale_factor=2)).square().flatten(1).mean(1))
        images = coarse
    energies.append(images.square().flatten(1).mean(1))
    return torch.stack(energies[::-1], dim=1)


def band_sides(side: int) -> list[int]:
    """Pixels a side of the pictures in which each band is the finest, the coarsest first."""
    sides = [side]
    while sides[0] % 2 == 0 and sides[0] >= 2 * SMALLEST:
        sides.insert(0, sides[0] // 2)
    return sides


def isolation(changes: Tensor) -> float:
    """Give the share of the uncertainty about the band of a change that knowing its code takes away.

    Args:
        changes: (codes, bands) how much of each band each code changes, not negative.

    Returns:
        0 if all codes change the bands in the same proportions, 1 if each code changes one band only.
    """
    share = changes.sum(0) / changes.sum()
    return float(mutual_information(changes) / -torch.xlogy(share, share).sum())


def relative_changes(walks: Sequence[Tensor], one: Tensor, other: Tensor) -> Tensor:
    """Give how much of each band each code changes, in units of how much two samples differ in that band.

    Args:
        walks: For each code (B, steps, C, S, S), pictures of which only this code differs from step to step.
        one: (N, C, S, S) samples.
        other: As many others.

    Returns:
        (codes, bands), the coarsest band first.
    """
    apart = band_energies(one - other).mean(0).clamp_min(torch.finfo(one.dtype).tiny)
    return torch.stack([band_energies(walk.diff(dim=1).flatten(0, 1)).mean(0) / apart for walk in walks])
