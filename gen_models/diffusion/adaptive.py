"""Solver with steps of adaptive size (Dormand and Prince 1980, https://doi.org/10.1016/0771-050X(80)90013-3)."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from scipy.integrate import solve_ivp
from torch import Tensor

from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.solvers import RK4, Euler, Heun, Midpoint, Solver, Velocity
from gen_models.errors import named


class Dopri5(Solver):
    """Dormand-Prince pair of orders 5 and 4, SciPy's RK45, whose steps keep an estimate of the error small.

    The error is a mean over the batch, which is solved as one system: a sample depends, within the tolerance, on those
    beside it. The state is on the processor between evaluations.

    Args:
        rtol: Largest error of a step, relative to the state.
        atol: Largest error of a step besides. Both are 1e-5 in Song et al. (2021), https://arxiv.org/abs/2011.13456.
    """

    stages = None

    def __init__(self, rtol: float = 1e-5, atol: float = 1e-5) -> None:
        self.rtol, self.atol = rtol, atol

    def step(self, velocity: Velocity, x: Tensor, t: float, end: float) -> Tensor:
        """Give the state at `end`, by as many steps as it takes."""
        return next(self.states(velocity, x, [t, end]))

    def states(self, velocity: Velocity, x: Tensor, times: Sequence[float]) -> Iterator[Tensor]:
        """Give the states at the times but the first; between them it steps as it likes."""

        def derivative(t: float, flat: np.ndarray) -> np.ndarray:
            return velocity(torch.from_numpy(flat).to(x).view_as(x), t).flatten().double().cpu().numpy()

        start, options = x.flatten().double().cpu().numpy(), {"rtol": self.rtol, "atol": self.atol}
        found = solve_ivp(derivative, (times[0], times[-1]), start, t_eval=np.array(times[1:]), **options)
        yield from torch.from_numpy(found.y.T).to(x).unflatten(1, x.shape)


def solvers() -> Mapping[str, Solver | DPMSolver]:
    """Give every solver by its name, with its usual options."""
    return {solver.name: solver for solver in (Euler(), Heun(), Midpoint(), RK4(), Dopri5(), DPMSolver())}


def solver_named(name: str) -> Solver | DPMSolver:
    """Give the solver of that name with its usual options.

    Raises:
        UsageError: There is none.
    """
    return named("solver", name, solvers())
