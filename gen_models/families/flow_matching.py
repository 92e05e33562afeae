"""Flow matching (Lipman et al. 2023, https://arxiv.org/abs/2210.02747).

Also by minibatch optimal transport (Tong et al. 2024, https://arxiv.org/abs/2302.00482), which differs in the coupling.
Along straight paths it is the first rectified flow (Liu et al. 2023, https://arxiv.org/abs/2209.03003), whose reflow is
in `rectified_flow.py`. Time runs from 0, noise, to 1, data.
"""

from collections.abc import Sequence
from typing import Unpack

import torch
from torch import Tensor

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.diffusion.couplings import Coupling
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.grids import Grid, KarrasGrid
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.interpolants import Interpolant
from gen_models.diffusion.solvers import Solver
from gen_models.diffusion.times import Times
from gen_models.families.probability_flow import ProbabilityFlow
from gen_models.networks.denoisers.base import Denoiser


class FlowMatching(ProbabilityFlow):
    """Flow matching: a network learns the velocity of samples between noise and data, by regression.

    Args:
        denoiser: Predicts the velocity, told the time.
        shape: Of a sample.
        levels: Levels of a pixel; None for points.
        path: Between noise and data.
        drawn_times: At which times the network is trained.
        coupling: Pairs noise and data.
        grid: Times of the solver.
        solver: Of the equation dx/dt = v(x, t).
        steps: Of the solver.
        guidance: Of classes.
        likelihood: How densities are carried along the equation.
        training: Options of the engine.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        shape: Sequence[int],
        levels: int | None,
        path: Interpolant,
        drawn_times: Times,
        coupling: Coupling,
        grid: Grid,
        solver: Solver | DPMSolver,
        steps: Positive,
        guidance: Guidance,
        likelihood: ChangeOfVariables,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(denoiser, shape, levels, steps, guidance, **training)
        self.solver, self.likelihood = solver, likelihood
        self.path = path
        self.drawn_times = drawn_times
        self.coupling = coupling
        self.grid = grid

    def players(self) -> tuple[Player, ...]:
        """One player, whose batches are paired with noise before they are cut."""
        return (Player("flow", [self.denoiser], self.losses, before=self.coupling),)

    def losses(self, batch: Batch) -> Losses:
        """E ‖v(x_t, t) - dx_t/dt‖², a mean over dimensions and the batch: conditional flow matching."""
        assert batch.noise is not None
        x, t = self.bins.spread(batch.x), self.drawn_times.draw(len(batch.x), self.device)
        y = self.guidance.drop_labels(batch.y, self.classes)
        v = self.denoiser(self.path.at(x, batch.noise, t), t, y).float()
        return {"velocity_error": (v - self.path.velocity(x, batch.noise, t)).square().mean()}

    def velocity(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give the network's velocity (B, *shape) at time t."""
        return self.guided(x, x.new_full((len(x),), t), y).to(x)

    def predicted_data(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give the data (B, *shape) to which the network's velocity belongs."""
        return self.path.data(x, self.velocity(x, t, y), x.new_full((len(x),), t))

    def times(self, steps: int) -> list[float]:
        """Give the times of the grid from 0, noise, to 1, data."""
        return self.grid.times(steps)

    def fine_times(self, steps: int) -> list[float]:
        """Give EDM's times, since the velocity changes fastest near data."""
        return KarrasGrid().times(steps)

    def coefficients(self, t: float) -> tuple[float, float]:
        """Give a and b of the path a x + b ε."""
        a, b = self.path.coefficients(torch.tensor([t], dtype=torch.float64))
        return float(a), float(b)
