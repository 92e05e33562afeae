"""Trained critic beside the optimal one."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gen_models.bounds import Positive
from gen_models.experiments.theory.critics import CriticWatch, generated_masses, logits_on_line
from gen_models.experiments.theory.line import WIDTH, cells, masses
from gen_models.experiments.theory.optimal import ClosedForm, best_logits, value
from gen_models.families.game import Game
from gen_models.media.plots import label, panels, rasterised

FAINT = 0.01


class Optimum(CriticWatch):
    """Plot of the critic over the line and its loss over the turns, each against its optimum.

    The optimum is taken twice: by minimising the game's own loss cell by cell, and in closed form.

    Args:
        path: See `Watch`.
        every: See `Watch`.
        title: See `Watch`.
        closed: The best critic's loss in closed form.
        output: What is drawn of a logit.
        output_label: How a picture writes that.
    """

    def __init__(
        self,
        path: str,
        every: Positive,
        title: str,
        closed: ClosedForm,
        output: nn.Module,
        output_label: str = "D(x)",
    ) -> None:
        super().__init__(path, every, title)
        self.closed = closed
        self.output = output
        self.output_label = output_label

    def look(self, game: Game, source: Any) -> dict[str, Any]:
        """Note the critic, the generator's density, and what the critic's loss is between both."""
        q, logits = generated_masses(game), logits_on_line(game)
        return {"q": q, "logits": logits, "value": value(game.loss, logits, masses(source), q)}

    def draw(self, game: Game, source: Any) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw the last critic, and all values."""
        p, last = masses(source), self.looks[-1]
        best = best_logits(game.loss, p, last["q"])
        figures = {
            "trained": last["value"],
            "closed form": self.closed(p, last["q"]),
            "cell by cell": value(game.loss, best, p, last["q"]),
        }
        figure, (left, right) = panels(2, self.title)
        self._draw_critic(left, p, last["q"], last["logits"], best)
        right.plot(
            [look["turn"] for look in self.looks], [look["value"] for look in self.looks], label="trained critic"
        )
        right.axhline(
            figures["closed form"], ls="--", c="k", label=f"{self.closed.formula} = {figures['closed form']:.4f}"
        )
        label(right, "turn", "critic's loss")
        return [rasterised(figure)], figures

    def _draw_critic(self, axes: Any, p: Tensor, q: Tensor, logits: Tensor, best: Tensor) -> None:
        x, height = cells()[:, 0], max(p.max(), q.max())
        axes.fill_between(x, p / height, alpha=0.2, color="C0", label=f"data (peak {height / WIDTH:.1f})")
        axes.fill_between(x, q / height, alpha=0.2, color="C1", label="generator, same scale")
        # where there is next to no data, nothing teaches a critic
        nowhere = p + q < FAINT * height
        for table, style in ((logits, "C2-"), (best, "k--")):
            shown = self.output(table).masked_fill(nowhere, torch.nan)
            axes.plot(x, shown, style, label="best" if table is best else "trained")
        label(axes, "x", f"{self.output_label}; densities / peak")
