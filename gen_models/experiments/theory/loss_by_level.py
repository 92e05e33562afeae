"""EDM's loss by noise level (Karras et al. 2022, https://arxiv.org/abs/2206.00364, figure 5a)."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.data.toys import Toy
from gen_models.diffusion.preconditioning import preconditioning
from gen_models.errors import UsageError
from gen_models.experiments.theory.posterior import posterior_mean
from gen_models.experiments.theory.watch import Watch
from gen_models.families.edm import EDM
from gen_models.media.plots import label, panels, rasterised

LEVELS = 24
ITEMS = 10_000


class LossByLevel(Watch[EDM]):
    """Plot of EDM's weighted loss at each noise level, untrained and trained, and of the optimal denoiser's.

    The weight is such that a silent network has a loss of 1 at every level, of any data whose root mean square was
    measured; of Gaussian data there is no better one. Arguments: see `Watch`.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse another family, and data whose density is not known."""
        if not isinstance(model, EDM) or not isinstance(source, Toy):
            raise UsageError("the loss by noise level is of EDM on data of known density: use model=edm data=toy1d.")

    def look(self, model: EDM, source: Toy) -> dict[str, Any]:
        """Note the loss at every level, of the trained and the optimal denoiser, with the same noise at each look."""
        x, _ = source.test.gather(range(min(ITEMS, len(source.test))))
        levels = torch.logspace(math.log10(model.sigma_min), math.log10(model.sigma_max), LEVELS)
        found = torch.tensor([losses_at(model, source, x.to(model.device), float(sigma)) for sigma in levels])
        return {"levels": levels, "trained": found[:, 0], "best": found[:, 1]}

    def draw(self, model: EDM, source: Toy) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw the first and the last look."""
        first, last = self.looks[0], self.looks[-1]
        figures = {
            "untrained, largest |loss - 1|": float((first["trained"] - 1).abs().max()),
            "best, largest |loss - 1|": float((last["best"] - 1).abs().max()),
            "trained, largest excess over the best": float((last["trained"] - last["best"]).max()),
        }
        figure, (axes,) = panels(1, self.title)
        axes.axhline(1, c="C7", lw=3, alpha=0.5, label="1: the best of Gaussian data")
        axes.plot(first["levels"], first["trained"], "C1-", label="untrained network")
        axes.plot(last["levels"], last["trained"], "C0-", label=f"after {last['turn']} turns")
        axes.plot(last["levels"], last["best"], "k--", label="optimal denoiser, closed form")
        axes.set(xscale="log", ylim=(0, 1.3))
        label(axes, "noise level σ", "λ(σ) E |D - x|², per dimension")
        return [rasterised(figure)], figures


def losses_at(model: EDM, source: Toy, x: Tensor, sigma: float) -> tuple[float, float]:
    """The weighted loss of the model's denoiser and of the optimal one, for data x (B, D), with the same noise."""
    level = x.new_full((len(x),), sigma)
    noisy = x + sigma * torch.randn_like(x)
    weight = preconditioning(level[:1], model.sigma_data).weight
    denoised = (model.denoised(model.denoiser, noisy, level, None), posterior_mean(source.mixture, noisy, level))
    trained, best = (float(weight * (each - x).square().mean()) for each in denoised)
    return trained, best
