"""Densities by an ordinary differential equation: the instantaneous change of variables.

Chen et al. 2018, https://arxiv.org/abs/1806.07366: along dx/dt = v(x, t), d log p / dt = -div v. The divergence is a
trace, estimated without bias by probes e with E e eᵀ = 1 (Hutchinson 1989; Grathwohl et al. 2019,
https://arxiv.org/abs/1810.01367); the square roots of the dimension times the axes are probes that give it exactly.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gen_models.diffusion.solvers import Solver, Velocity

EXACT = 16
"""Dimensions up to which the trace is taken exactly, by as many probes."""


def probes(x: Tensor, count: int) -> Tensor:
    """Give `count` random signs for each item (P, B, *shape), or all axes where there are few; fixed for a solution."""
    dims = x[0].numel()
    if dims <= EXACT:
        axes = math.sqrt(dims) * torch.eye(dims, device=x.device, dtype=x.dtype)
        return axes.view(dims, 1, *x.shape[1:]).expand(dims, *x.shape)
    return torch.randint(0, 2, (count, *x.shape), device=x.device).to(x.dtype).mul_(2).sub_(1)


def divergence(velocity: Velocity, x: Tensor, t: float, along: Tensor) -> tuple[Tensor, Tensor]:
    """Give the velocity (B, *shape) and the mean over probes (P, B, *shape) of eᵀ J e, (B,)."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        v = velocity(x, t)
        last = len(along) - 1
        products = [
            (probe * torch.autograd.grad(v, x, probe, retain_graph=number < last)[0]).flatten(1).sum(1)
            for number, probe in enumerate(along)
        ]
    return v.detach(), torch.stack(products).mean(0)


@dataclass(frozen=True)
class ChangeOfVariables:
    """Instantaneous change of variables: how densities are carried along an equation.

    Args:
        solver: Of the equation for the state and its log-density.
        steps: Of the solver.
        probes: Of the divergence, for each item; few dimensions have the exact trace.
    """

    solver: Solver
    steps: int = 25
    probes: int = 1

    @property
    def rule(self) -> str:
        """How a likelihood by it is made, in words."""
        return f"ode, {self.solver.name}, {self.steps} steps, {self.probes} probe{'s' if self.probes > 1 else ''}"

    def carried(self, velocity: Velocity, x: Tensor, times: Sequence[float]) -> tuple[Tensor, Tensor]:
        """Carry x (B, *shape) through the times: where it ends, and the integral (B,) of the divergence on the way.

        The density at the beginning is that at the end times exp of the integral.
        """
        along = probes(x, self.probes)

        def widened(state: Tensor, t: float) -> Tensor:
            v, trace = divergence(velocity, state[:, :-1].view_as(x), t, along)
            return torch.cat([v.flatten(1), trace[:, None]], 1)

        state = self.solver.solve(widened, torch.cat([x.flatten(1), x.new_zeros(len(x), 1)], 1), times)
        return state[:, :-1].view_as(x), state[:, -1]


def log_normal(z: Tensor, scale: float = 1.0) -> Tensor:
    """Log-density (B,) in nats of z (B, *shape) under N(0, scale²)."""
    return -0.5 * ((z / scale).square() + math.log(2 * math.pi * scale**2)).flatten(1).sum(1)
