"""Film of densities and critic (figure 1 of Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.experiments.theory.critics import CriticWatch, generated_masses, logits_on_line
from gen_models.experiments.theory.line import WIDTH, cells, masses
from gen_models.experiments.theory.optimal import TotalVariation
from gen_models.families.game import Game
from gen_models.media.plots import label, panels, rasterised

SUPPORT = 0.05


class Film(CriticWatch):
    """Film of the data's density, the generator's, and D = σ(logit), a frame a look. Arguments: see `Watch`."""

    def look(self, game: Game, source: Any) -> dict[str, Any]:
        """Note the generator's density and the critic."""
        return {"q": generated_masses(game), "d": logits_on_line(game).sigmoid()}

    def draw(self, game: Game, source: Any) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw the frames."""
        p = masses(source)
        return [self._frame(p, **each) for each in self.looks], self._figures(p)

    def latest(self, game: Game, source: Any) -> tuple[Tensor, Mapping[str, float]]:
        """Draw the last frame alone."""
        p = masses(source)
        return self._frame(p, **self.looks[-1]), self._figures(p)

    def _figures(self, p: Tensor) -> Mapping[str, float]:
        """The claim is settled where the data's density is above `SUPPORT` of its peak."""
        last, support = self.looks[-1], p > SUPPORT * p.max()
        return {
            "mean |D - 1/2| over the data": float(p @ (last["d"] - 0.5).abs()),
            "largest |D - 1/2| on the support": (last["d"] - 0.5).abs()[support].max().item(),
            "TV of the generator and the data": TotalVariation()(p, last["q"]).item(),
        }

    def _frame(self, p: Tensor, turn: int, q: Tensor, d: Tensor) -> Tensor:
        figure, (axes,) = panels(1, f"{self.title}: turn {turn}")
        x = cells()[:, 0]
        axes.plot(x, p / WIDTH, "k:", label="density of the data")
        axes.plot(x, q / WIDTH, "C2-", label="density of the generator")
        axes.set(ylim=(0, 1.8 * float(p.max()) / WIDTH), xlim=(-1, 1))
        label(axes, "x", "density (per unit of x)")
        axes.legend(fontsize=8, loc="upper left")
        right = axes.twinx()
        right.plot(x, d, "C0-", label="D(x)")
        right.plot(x, torch.where(p + q > 1e-9, p / (p + q), torch.nan), "C0--", lw=1, label="p / (p + q)")
        right.set(ylim=(0, 1.05), ylabel="D: probability of being data")
        right.legend(fontsize=8, loc="lower right")
        return rasterised(figure)
