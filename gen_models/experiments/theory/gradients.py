"""Vanishing gradients: the generator's gradient norms by loss, the critic's loss, and the Wasserstein distance."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.bounds import Positive
from gen_models.experiments.theory.critics import CriticWatch, generated_masses, logits_on_line
from gen_models.experiments.theory.line import KnownDensity, cells, earth_mover, masses
from gen_models.experiments.theory.optimal import best_logits, value
from gen_models.families.game import Game
from gen_models.losses.adversarial import Adversarial
from gen_models.media.plots import label, panels, rasterised

LATENTS = 10_000


class Gradients(CriticWatch):
    """Plot of gradient norms of several generator losses on the same networks, the critic's loss, and W₁.

    Dashed: the critic's loss at its optimum, found cell by cell; the gradient with the best critic, where the
    generator's density is known; and the W₁ of two sets of data.

    Args:
        path: See `Watch`.
        every: See `Watch`.
        title: See `Watch`.
        losses: Whose generator's gradients are compared, by name.
    """

    def __init__(self, path: str, every: Positive, title: str, losses: Mapping[str, Adversarial]) -> None:
        super().__init__(path, every, title)
        self.losses = losses

    def look(self, game: Game, source: Any) -> dict[str, Any]:
        """Note the three curves, and what they are held against."""
        p, q = masses(source), generated_masses(game)
        best = best_logits(game.loss, p, q)
        known = isinstance(game.network("generator"), KnownDensity)
        return {
            "norms": gradient_norms(game, self.losses),
            "best norms": gradient_norms(game, self.losses, best) if known else {},
            "value": value(game.loss, logits_on_line(game), p, q),
            "best": value(game.loss, best, p, q),
            "distance": earth_mover(_points(source.test), game.sample(len(_points(source.test)))),
        }

    def draw(self, game: Game, source: Any) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw the curves."""
        last, held_out = self.looks[-1], _points(source.test)
        floor = earth_mover(_points(source.train)[: len(held_out)], held_out)
        figure, (left, middle, right) = panels(3, self.title)
        self._draw_norms(left)
        self._curve(middle, "value", "trained critic")
        self._curve(middle, "best", "best critic", "k--")
        label(middle, "turn", "critic's loss")
        self._curve(right, "distance", "samples to data")
        right.axhline(floor, ls="--", c="k", label=f"data to data: {floor:.4f}")
        right.set_ylim(bottom=0)
        label(right, "turn", "W₁ (units of x)")
        norms = {f"gradient, {name}": norm for name, norm in last["norms"].items()}
        rest = {"critic's loss": last["value"], "critic's best loss": last["best"], "W1": last["distance"]}
        return [rasterised(figure)], norms | rest

    def _draw_norms(self, axes: Any) -> None:
        turns = [look["turn"] for look in self.looks]
        for position, name in enumerate(self.losses):
            axes.plot(turns, [look["norms"][name] for look in self.looks], f"C{position}", label=name)
            # a critic without slope shows nothing on a logarithmic axis, and needs no legend
            if any(best := [look["best norms"].get(name, 0.0) for look in self.looks]):
                axes.plot(turns, best, f"C{position}--", label=f"{name}, best critic")
        axes.set_yscale("log")
        label(axes, "turn", "norm of the generator's gradient")

    def _curve(self, axes: Any, name: str, text: str, style: str = "C0-") -> None:
        axes.plot([look["turn"] for look in self.looks], [look[name] for look in self.looks], style, label=text)


def gradient_norms(game: Game, losses: Mapping[str, Adversarial], table: Tensor | None = None) -> dict[str, float]:
    """Norms of the gradients of the losses by the generator's weights.

    Args:
        game: The game.
        losses: The losses by name.
        table: Logits in the cells, to take in place of the critic's.
    """
    weights = list(game.network("generator").parameters())
    y = torch.zeros(LATENTS, dtype=torch.long)
    with torch.enable_grad():
        fake = game.generate(game.prior.sample(LATENTS, game.latent_dim, weights[0].device), y)
        logits = game.score(fake, y) if table is None else _interpolated(table.float(), fake[:, 0])
        found = {
            n: torch.autograd.grad(loss.generator(logits), weights, retain_graph=True) for n, loss in losses.items()
        }
    return {name: torch.cat([g.flatten() for g in gradients]).norm().item() for name, gradients in found.items()}


def _interpolated(table: Tensor, x: Tensor) -> Tensor:
    """The table's values at x (N,), straight lines between the cells' midpoints: differentiable by x."""
    middles = cells()[:, 0]
    place = torch.searchsorted(middles, x.detach()).clamp(1, len(middles) - 1)
    left, right = middles[place - 1], middles[place]
    return torch.lerp(table[place - 1], table[place], (x - left) / (right - left))


def _points(items: Any) -> Tensor:
    x, _ = items.gather(range(min(LATENTS, len(items))))
    return x
