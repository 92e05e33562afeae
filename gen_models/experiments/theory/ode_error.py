"""Errors of solvers in samples and densities, of a flow that is known and of a trained one."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.data.toys import Toy
from gen_models.diffusion.density import ChangeOfVariables, log_normal
from gen_models.diffusion.grids import UniformGrid
from gen_models.diffusion.solvers import RK4, Euler, Heun, Solver, Velocity
from gen_models.errors import UsageError
from gen_models.experiments.theory.gaussian_flow import GaussianFlow, check_gaussian, flow_to
from gen_models.experiments.theory.watch import Watch
from gen_models.families.flow_matching import FlowMatching
from gen_models.media.plots import label, panels, rasterised

STEPS = (5, 10, 20, 40, 80)
SOLVERS = (Euler(), Heun(), RK4())
FINE = 200
POINTS = 200


class SolverError(Watch[FlowMatching]):
    """Plot of a density's error against the steps of three solvers, of the closed form's flow and of a trained one.

    Arguments: see `Watch`. The trained flow is held against its own density by many steps, and against the data's.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse another family, and other data."""
        if not isinstance(model, FlowMatching):
            raise UsageError("these densities are of flow matching: use model=flow_matching.")
        check_gaussian(source)

    def look(self, model: FlowMatching, source: Toy) -> dict[str, Any]:
        """Note the trained flow's densities of held-out points, by each solver and by many steps."""
        x = source.test.gather(range(POINTS))[0].to(model.device).double()
        return {
            "fine": log_density(model.field(None), x, RK4(), FINE),
            "exact": flow_to(source).log_density(x),
            "coarse": {s.name: [log_density(model.field(None), x, s, n) for n in STEPS] for s in SOLVERS},
        }

    def draw(self, model: FlowMatching, source: Toy) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw the errors."""
        flow, last = flow_to(source), self.looks[-1]
        known = known_errors(flow)
        trained = {name: [error(found, last["fine"]) for found in each] for name, each in last["coarse"].items()}
        figures = {f"slope, {name}": slope(errors) for name, errors in known.items()}
        figures["closed form's flow, RK4, most steps"] = known["rk4"][-1]
        figures["trained, mean log-density"] = float(last["fine"].mean())
        figures["data, mean log-density"] = float(last["exact"].mean())
        figure, axes = panels(2, self.title)
        for each, errors, text in zip(
            axes, (known, trained), ("the known flow", "the trained flow"), strict=True
        ):
            _draw_errors(each, errors, text)
        axes[1].axhline(error(last["fine"], last["exact"]), ls=":", c="k", label="trained flow to data")
        axes[1].legend(fontsize=8)
        return [rasterised(figure)], figures


def log_density(velocity: Velocity, x: Tensor, solver: Solver, steps: int) -> Tensor:
    """Log-density (B,) in nats of x (B, D) float64 under the flow from N(0, 1), by so many steps."""
    z, integral = ChangeOfVariables(solver).carried(velocity, x, UniformGrid().times(steps)[::-1])
    return log_normal(z) + integral


def error(found: Tensor, exact: Tensor) -> float:
    """Root mean square difference in nats of log-densities (B,)."""
    return float((found - exact).square().mean().sqrt())


def known_errors(flow: GaussianFlow) -> dict[str, list[float]]:
    """Errors of the closed form's flow by each solver, at each number of steps, within two standard deviations."""
    x = flow.mean + flow.std * torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]

    def velocity(x: Tensor, t: float) -> Tensor:
        return flow.velocity(x, x.new_tensor(t))

    exact = flow.log_density(x)
    return {s.name: [error(log_density(velocity, x, s, n), exact) for n in STEPS] for s in SOLVERS}


def slope(errors: Sequence[float]) -> float:
    """Slope of log error over log steps, between the last two: minus the order of the solver."""
    (fewer, more), (large, small) = (torch.tensor(pair[-2:], dtype=torch.float64).log() for pair in (STEPS, errors))
    return float((small - large) / (more - fewer))


def _draw_errors(axes: Any, errors: Mapping[str, Sequence[float]], text: str) -> None:
    for (name, each), order in zip(errors.items(), (1, 2, 4), strict=True):
        line = axes.plot(STEPS, each, "o-", label=name)[0]
        reference = [each[-1] * (STEPS[-1] / n) ** order for n in STEPS]
        axes.plot(STEPS, reference, "--", c=line.get_color(), lw=0.8, label=f"slope -{order}")
    axes.set(xscale="log", yscale="log")
    axes.minorticks_off()
    axes.set_xticks(STEPS, [str(n) for n in STEPS])
    label(axes, "steps", f"error of log p, nats: {text}")
