"""Mean velocity of a MeanFlow, and the identity that defines it (Geng et al. 2025, https://arxiv.org/abs/2505.13447).

Time is as in the paper: from 0, data, to 1, noise.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.data.toys import Toy
from gen_models.errors import UsageError
from gen_models.experiments.theory.gaussian_flow import GaussianFlow, check_gaussian, flow_to
from gen_models.experiments.theory.watch import Watch
from gen_models.families.meanflow import MeanFlow
from gen_models.media.plots import label, panels, rasterised

SAMPLES = 4000
STARTS = (0.0, 0.5, 0.9)
POINTS = 81


class MeanVelocity(Watch[MeanFlow]):
    """Plot of a MeanFlow's mean velocities beside the closed form, and of how far it is from its identity.

    u = v - (t - r) du/dt, along the flow. Arguments: see `Watch`.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse another family, and other data."""
        if not isinstance(model, MeanFlow):
            raise UsageError("the identity is of mean velocities: use model=meanflow.")
        check_gaussian(source)

    def look(self, model: MeanFlow, source: Toy) -> dict[str, Any]:
        """Note the velocities from noise, the identity's error, and the spread of samples of one step."""
        flow, z = flow_to(source), torch.linspace(-2.5, 2.5, POINTS, device=model.device)[:, None]
        one = model.draw_codes(SAMPLES)
        end = one - model.mean_velocity(model.denoiser, one, one.new_zeros(SAMPLES), one.new_ones(SAMPLES), None)
        return {
            "z": z[:, 0].cpu(),
            "trained": {r: u_of(model, z, r)[:, 0].cpu() for r in STARTS},
            "best": {r: best(flow, z, z.new_tensor(r), z.new_tensor(1.0))[:, 0].cpu() for r in STARTS},
            "identity": identity_error(model, flow),
            "step": float((end - flow.at(one, one.new_tensor(1.0))).square().mean().sqrt()) / flow.std,
        }

    def draw(self, model: MeanFlow, source: Toy) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw velocities and errors."""
        first, last = self.looks[0], self.looks[-1]
        figures = {
            "error of the identity, untrained": first["identity"],
            "error of the identity, trained": last["identity"],
            "error of one step, in standard deviations": last["step"],
        }
        figure, (left, right) = panels(2, self.title)
        for number, r in enumerate(STARTS):
            left.plot(last["z"], last["trained"][r], f"C{number}-", label=f"u(z, {r}, 1)")
            left.plot(last["z"], last["best"][r], "k--", lw=0.8, label="" if number else "closed form")
        label(left, "z, noise", "mean velocity from r to 1")
        turns = [look["turn"] for look in self.looks]
        right.plot(turns, [look["identity"] for look in self.looks], label="|u - v + (t - r) du/dt|")
        right.plot(turns, [look["step"] for look in self.looks], label="error of one step / s")
        right.set_yscale("log")
        label(right, "turn", "root mean square")
        return [rasterised(figure)], figures


def best(flow: GaussianFlow, z: Tensor, r: Tensor, t: Tensor) -> Tensor:
    """Mean velocity u(z, r, t) of the flow from data to noise, the other way round, r < t."""
    return -flow.mean_velocity(z, 1 - t, 1 - r)


def u_of(model: MeanFlow, z: Tensor, r: float) -> Tensor:
    """The network's u(z, r, 1) for z (B, 1)."""
    return model.mean_velocity(model.denoiser, z, z.new_full((len(z),), r), z.new_ones(len(z)), None)


def identity_error(model: MeanFlow, flow: GaussianFlow) -> float:
    """Root mean square of u - v + (t - r) du/dt at states of the flow, with the velocity v in closed form."""
    r, t = torch.rand(2, SAMPLES, device=model.device).sort(0).values
    z = flow.at(torch.randn(SAMPLES, device=model.device), 1 - t)[:, None]
    v = -flow.velocity(z, 1 - t[:, None])
    derivative = model.derivative(model.denoiser, z, r, t, v, None)
    error = model.mean_velocity(model.denoiser, z, r, t, None) - v + (t - r)[:, None] * derivative
    return float(error.square().mean().sqrt())
