"""Energy of points in the plane, normalised by a sum over a grid, beside the data's density and the ends of chains."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.data.toys import Toy2D
from gen_models.errors import UsageError
from gen_models.experiments.theory.watch import Watch
from gen_models.families.energy import EnergyBased
from gen_models.media.plots import panels, rasterised

SIDE = 80
"""Cells of the grid on a side."""
COARSE = 20
"""Cells on a side in which chains are counted."""
CHAINS = 4000


class EnergyOnGrid(Watch[EnergyBased]):
    """Plot of the data's density, of exp(-E) / Z with Z summed over a grid, and of Langevin samples.

    KL(data ‖ model) is then known, and the chains can be held against the very density that they should draw from.
    Arguments: see `Watch`.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse another family, and data that are no points of the plane with a known density."""
        if not isinstance(model, EnergyBased) or not isinstance(source, Toy2D):
            raise UsageError("this experiment sums over the plane: use model=energy data=toy2d.")

    def look(self, model: EnergyBased, source: Toy2D) -> dict[str, Any]:
        """Note the probability of each cell, and of each coarse cell by samples."""
        return {"p": cell_masses(model), "q": counted(model.sample(CHAINS))}

    def draw(self, model: EnergyBased, source: Toy2D) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw the three densities, and say how far apart they are."""
        data = normalised(source.log_density(cells(SIDE)))
        first, last = self.looks[0], self.looks[-1]
        figures = {
            f"KL(data ‖ {name})": divergence(data, seen["p"]) for name, seen in (("untrained", first), ("model", last))
        }
        figures["total variation of chains and model"] = total_variation(coarse(last["p"]), last["q"])
        figures["total variation of as many exact draws"] = total_variation(coarse(last["p"]), exact(last["p"]))
        figure, axes = panels(3, self.title)
        shown = {"data": data, "exp(-E) / Z": last["p"], "ends of chains": last["q"]}
        for each, (name, masses) in zip(axes, shown.items(), strict=True):
            side = round(len(masses) ** 0.5)
            each.imshow(masses.view(side, side).T, origin="lower", extent=(-1, 1, -1, 1), cmap="viridis")
            each.set(title=name, xlabel="x₁", ylabel="x₂")
            each.grid(visible=False)
        return [rasterised(figure)], figures


def cells(side: int) -> Tensor:
    """Middles (side², 2) float64 of the cells of a grid over [-1, 1]²."""
    axis = (torch.arange(side).double() + 0.5) * 2 / side - 1
    return torch.cartesian_prod(axis, axis)


def normalised(log_density: Tensor) -> Tensor:
    """Probabilities (N,) float64 of cells of one size by the log-density (N,) in their middles, but for a constant."""
    return log_density.double().cpu().softmax(0)


@torch.no_grad()
def cell_masses(model: EnergyBased) -> Tensor:
    """Probabilities (SIDE²,) of the cells: the partition function is their sum."""
    points = cells(SIDE).float().to(model.device)
    return normalised(model.score(points, torch.zeros(len(points), dtype=torch.long, device=model.device)))


def divergence(p: Tensor, q: Tensor) -> float:
    """KL(p ‖ q) in nats."""
    return float((torch.xlogy(p, p) - torch.xlogy(p, q)).sum())


def total_variation(p: Tensor, q: Tensor) -> float:
    """Half of the sum of absolute differences."""
    return float((p - q).abs().sum() / 2)


def coarse(p: Tensor) -> Tensor:
    """Probabilities (COARSE²,) of larger cells."""
    ratio = SIDE // COARSE
    return p.view(COARSE, ratio, COARSE, ratio).sum((1, 3)).flatten()


def counted(x: Tensor) -> Tensor:
    """Shares (COARSE²,) of points (N, 2) in the larger cells."""
    row, column = ((x.cpu() + 1) / 2 * COARSE).long().clamp(0, COARSE - 1).unbind(1)
    return torch.bincount(row * COARSE + column, minlength=COARSE**2).double() / len(x)


def exact(p: Tensor) -> Tensor:
    """Shares (COARSE²,) of as many independent draws from the cells' probabilities as there are chains."""
    drawn = torch.multinomial(p, CHAINS, replacement=True, generator=torch.Generator().manual_seed(0))
    return counted(cells(SIDE)[drawn])
