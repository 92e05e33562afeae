"""Models with an ordinary differential equation from noise to data, and its abilities.

Song et al. 2021, Score-based generative modeling through stochastic differential equations, sections 4.3 and D,
https://arxiv.org/abs/2011.13456.
"""

from abc import abstractmethod
from functools import partial
from math import prod
from typing import Any

import torch
from torch import Tensor

from gen_models.diffusion.adaptive import solver_named
from gen_models.diffusion.density import ChangeOfVariables, log_normal
from gen_models.diffusion.dpm_solver import Advance, DPMSolver
from gen_models.diffusion.solvers import Heun, Solver, Velocity, wide
from gen_models.families.denoising import Denoising
from gen_models.families.parts.trajectory import last


class ProbabilityFlow(Denoising):
    """Base class of models whose samples follow an ordinary differential equation (continuous normalising flows).

    Attributes:
        solver: Of the equation; where a step stands alone, and on the way back, Heun's stands in for a multistep one.
        likelihood: How densities are carried along the equation.
    """

    solver: Solver | DPMSolver
    likelihood: ChangeOfVariables

    @abstractmethod
    def velocity(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give dx/dt (B, *shape) of states at time t."""

    @abstractmethod
    def predicted_data(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give the data (B, *shape) that the network expects behind states at time t."""

    @abstractmethod
    def times(self, steps: int) -> list[float]:
        """Give the times of so many steps, from noise to data."""

    def fine_times(self, steps: int) -> list[float]:
        """Give the times of a likelihood's steps: the error that samples don't show adds up over dimensions."""
        return self.times(steps)

    @property
    def way(self) -> dict[str, Any]:
        """The solver, its steps, and guidance."""
        return super().way | {"solver": self.solver.name}

    def set_way(self, *, solver: str, **settings: Any) -> None:  # type: ignore[override]
        """Change the solver and the rest; raise UsageError for what there is not."""
        if solver != self.solver.name:
            self.solver = solver_named(solver)
        super().set_way(**settings)

    @property
    def evaluations(self) -> int | None:
        """Evaluations of the network for a sample (NFE); None where the solver decides on the way."""
        steps = len(self.times(self.steps)) - 1
        return steps if isinstance(self.solver, DPMSolver) else self.solver.evaluations(steps)

    @property
    def one_step(self) -> Solver:
        """What takes a step that stands alone."""
        return Heun() if isinstance(self.solver, DPMSolver) else self.solver

    def field(self, y: Tensor | None) -> Velocity:
        """Give the velocity of samples of these classes."""
        return partial(self.velocity, y=y)

    def route(self) -> list[float]:
        """Give the times of the solver's steps."""
        return self.times(self.steps)

    def advance(self, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Take a step of the solver."""
        return self.one_step.step(self.field(y), x, t, end)

    def walk(self, y: Tensor | None) -> Advance:
        """Take steps by the solver."""
        if isinstance(self.solver, DPMSolver):
            return self.solver.walk(partial(self.predicted_data, y=y), self.coefficients)
        return super().walk(y)

    def decode_unrounded(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Give the end (B, *shape) of the solution that begins with noise z."""
        if isinstance(self.solver, DPMSolver):
            return self.denoised_end(*last(self.states(z, y)), y)
        times = self.times(self.steps)
        return self.denoised_end(times[-1], self.solver.solve(self.field(y), wide(z) * self.start, times), y)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the noise (B, D) that leads to samples: the same equation, backwards."""
        z = self.one_step.solve(self.field(y), wide(x), self.times(self.steps)[::-1])
        return (z / self.start).float().flatten(1)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Go to noise and back."""
        return self.decode(self.encode(x, y), y)

    @property
    def likelihood_rule(self) -> str:
        """Say by which solver and probes it is made."""
        return self.likelihood.rule

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of pixels, as the bound by fresh dequantisation, or log-density of points.

        It is the density of what the equation makes of noise, up to the solver's error; the divergence is estimated
        without bias, by probes that are fixed for each item.
        """
        times = self.fine_times(self.likelihood.steps)[::-1]
        with torch.autocast(x.device.type, enabled=False):  # its rounding would add up along the way
            z, integral = self.likelihood.carried(self.field(y), wide(self.bins.spread(x)), times)
        return (log_normal(z, self.start) + integral + prod(self.shape) * self.bins.log_width).float()
