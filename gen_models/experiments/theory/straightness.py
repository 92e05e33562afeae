"""Straightness of flows by coupling: independent pairs bend them, optimal transport does not."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.data.toys import Toy
from gen_models.diffusion.grids import UniformGrid
from gen_models.diffusion.solvers import Heun
from gen_models.errors import UsageError
from gen_models.experiments.theory.gaussian_flow import check_gaussian, flow_to
from gen_models.experiments.theory.watch import Watch
from gen_models.families.probability_flow import ProbabilityFlow
from gen_models.media.plots import label, panels, rasterised

STEPS = 50
SAMPLES = 2000
SHOWN = 15


class Straightness(Watch[ProbabilityFlow]):
    """Plot of a flow's solutions, of how straight they are, and of what one step of Euler's method makes of them.

    Dashed: both by theory, of independent pairs and of optimal transport. Arguments: see `Watch`.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse a family whose time does not run from noise at 0 to data at 1, and other data."""
        if not isinstance(model, ProbabilityFlow) or model.times(1) != [0.0, 1.0]:
            raise UsageError("straightness is of flows from 0 to 1: use model=flow_matching or model=rectified_flow.")
        check_gaussian(source)

    def look(self, model: ProbabilityFlow, source: Toy) -> dict[str, Any]:
        """Note straightness, and the error of one step, for the same noise at each look."""
        z = model.draw_codes(SAMPLES).double()
        path = torch.stack([z, *Heun().states(model.field(None), z, UniformGrid().times(STEPS))])
        tangents = (path[1:] - path[:-1]) * STEPS
        bent = (path[-1] - path[0] - tangents).square().mean()
        one = z + model.velocity(z, 0.0, None)
        error = (one - path[-1]).square().mean().sqrt() / source.mixture.std
        return {"bent": float(bent), "error": float(error), "path": path[:, :SHOWN, 0].cpu()}

    def draw(self, model: ProbabilityFlow, source: Toy) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw solutions and both curves."""
        flow, last = flow_to(source), self.looks[-1]
        figures = {
            "straightness": last["bent"],
            "closed form, independent": flow.straightness,
            "error of one Euler step, in standard deviations": last["error"],
        }
        figure, (left, middle, right) = panels(3, self.title)
        left.plot(UniformGrid().times(STEPS), last["path"], "C0-", lw=0.8)
        left.plot([], [], "C0-", label="trained flow")
        label(left, "t, from noise to data", "x")
        self._curve(middle, "bent", flow.straightness, f"independent: s (2 - π/2) = {flow.straightness:.4f}")
        label(middle, "turn", "∫ E |x₁ - x₀ - dx/dt|² dt")
        self._curve(right, "error", 1.0, "independent: 1, every sample the mean")
        label(right, "turn", "error of one Euler step / s")
        return [rasterised(figure)], figures

    def _curve(self, axes: Any, name: str, independent: float, text: str) -> None:
        axes.plot([look["turn"] for look in self.looks], [look[name] for look in self.looks], label="trained")
        axes.axhline(independent, ls="--", c="k", label=text)
        axes.axhline(0, ls=":", c="k", label="optimal transport: 0")
