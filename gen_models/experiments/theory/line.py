"""Quadrature on a line: densities become tables of masses in cells, and integrals become sums."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

CELLS = 600
REACH = 1.2
WIDTH = 2 * REACH / CELLS
BLUR = 0.01


@runtime_checkable
class KnownDensity(Protocol):
    """Data, or a generator, with a known density."""

    def log_density(self, x: Tensor) -> Tensor:
        """Log density in nats of points (B, D): (B,)."""


def cells() -> Tensor:
    """Midpoints (CELLS, 1) of equal cells of [-REACH, REACH], float32."""
    return ((torch.arange(CELLS, dtype=torch.float64) + 0.5) * WIDTH - REACH).float()[:, None]


def masses(known: KnownDensity) -> Tensor:
    """The probability of each cell by the midpoint rule, (CELLS,) float64."""
    return normalised(known.log_density(cells()).detach().double().exp())


def masses_of_samples(x: Tensor) -> Tensor:
    """The share of points (N, 1) in each cell, smoothed by a Gaussian of standard deviation `BLUR`: (CELLS,) float64.

    Of 100,000 points in half of the cells it is wrong by a total variation of about 0.02.
    """
    places = ((x[:, 0].double().cpu() + REACH) / WIDTH).long().clamp(0, CELLS - 1)
    counts = torch.bincount(places, minlength=CELLS).double()
    reach = round(4 * BLUR / WIDTH)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, dtype=torch.float64) * WIDTH / BLUR).square())
    return normalised(torch.nn.functional.conv1d(counts[None, None], kernel[None, None], padding=reach)[0, 0])


def normalised(table: Tensor) -> Tensor:
    """Scale a table of masses to a sum of one."""
    return table / table.sum()


def earth_mover(first: Tensor, second: Tensor) -> float:
    """Wasserstein-1 distance of two sets of points (N, 1): the mean distance of partners in order."""
    return (first[:, 0].sort().values - second[:, 0].sort().values).abs().mean().item()
