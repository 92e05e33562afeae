"""EDM (Karras et al. 2022, Elucidating the design space of diffusion-based generative models).

https://arxiv.org/abs/2206.00364, and the authors' code, NVlabs/edm.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Unpack

import torch
from torch import Tensor

from gen_models.augment.told import Told
from gen_models.bounds import Positive, Scale, Weight
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.interface import root_mean_square
from gen_models.data.source import Source
from gen_models.diffusion.churn import Churn
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.grids import check_levels, karras
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.preconditioning import preconditioned, preconditioning
from gen_models.diffusion.solvers import Solver
from gen_models.diffusion.spread import spread
from gen_models.errors import UsageError
from gen_models.families.parts.augmentation_labels import augmented, check_labels
from gen_models.families.probability_flow import ProbabilityFlow
from gen_models.networks.denoisers.base import Denoiser


class EDM(ProbabilityFlow):
    """EDM: a preconditioned denoiser D(x; σ) of data with noise of standard deviation σ, which is the time.

    The likelihood is that of the states at `sigma_min`, which the last step then denoises.

    Args:
        denoiser: F, told ln(σ) / 4.
        shape: Of a sample.
        levels: Levels of a pixel; None for points.
        sigma_data: Root mean square of the data; None measures it.
        p_mean: Mean of ln σ in training.
        p_std: Standard deviation of ln σ in training.
        sigma_min: Least noise of the solver.
        sigma_max: Noise that it begins with.
        rho: Crowds its levels towards the least.
        churn: Noise added on the way; None follows the equation.
        augment: Changes training pictures, and tells the denoiser how; it draws pictures without changes.
        solver: Of dx/dσ = (x - D(x; σ)) / σ.
        steps: N, the noise levels above 0.
        guidance: Of classes.
        likelihood: How densities are carried along the equation.
        training: Options of the engine.

    Raises:
        UsageError: The denoiser can't be told of the augmentation, noise would rise on the way to data, or it is added
            on the way of a solver that remembers the step before.
    """

    sigma_data: Tensor

    def __init__(
        self,
        denoiser: Denoiser,
        shape: Sequence[int],
        levels: int | None,
        solver: Solver | DPMSolver,
        guidance: Guidance,
        likelihood: ChangeOfVariables,
        sigma_data: Scale | None = None,
        p_mean: float = -1.2,
        p_std: Weight = 1.2,
        sigma_min: Scale = 0.002,
        sigma_max: Scale = 80.0,
        rho: Scale = 7.0,
        churn: Churn | None = None,
        augment: Told | None = None,
        steps: Positive = 18,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(denoiser, shape, levels, steps, guidance, **training)
        self.solver, self.likelihood = solver, likelihood
        self.register_buffer("sigma_data", torch.tensor(0.5 if sigma_data is None else sigma_data))
        self.measured = sigma_data is None
        check_levels(sigma_min, sigma_max)
        self.p_mean, self.p_std = p_mean, p_std
        self.sigma_min, self.sigma_max, self.rho = sigma_min, sigma_max, rho
        self.churn = churn or Churn(0.0)
        _check_churn(self.solver, self.churn)
        self.augment = augment
        check_labels(denoiser, augment)

    def prepare(self, source: Source) -> None:
        """Measure the data."""
        if self.measured and self.clock.turn == 0:
            self.sigma_data.fill_(root_mean_square(source.train))

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("edm", [self.denoiser], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """E λ(σ) (D(x + σ ε; σ) - x)², ln σ ~ N(P_mean, P_std²): a mean over dimensions, at first about 1."""
        x, network = augmented(self.bins.spread(batch.x), self.denoiser, self.augment)
        sigma = (self.p_mean + self.p_std * torch.randn(len(x), device=x.device)).exp()
        y = self.guidance.drop_labels(batch.y, self.classes)
        error = self.denoised(network, x + spread(sigma, x) * torch.randn_like(x), sigma, y) - x
        weight = preconditioning(sigma, self.sigma_data).weight
        return {"denoising_error": (spread(weight, x) * error.square()).mean()}

    def denoised(self, network: Callable[..., Tensor], x: Tensor, sigma: Tensor, y: Tensor | None) -> Tensor:
        """D(x; σ) = c_skip x + c_out F(c_in x; c_noise), (B, *shape), by the bare or the guided network."""
        return preconditioned(network, x, sigma, y, self.sigma_data)

    def velocity(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """(x - D(x; σ)) / σ, at the time σ (equation 4)."""
        return (x - self.predicted_data(x, t, y)) / t

    def predicted_data(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """D(x; σ) (B, *shape)."""
        return self.denoised(self.guided, x, x.new_full((len(x),), t), y)

    def times(self, steps: int) -> list[float]:
        """The noise levels (equation 5) without the last, 0."""
        return karras(steps, self.sigma_min, self.sigma_max, self.rho)

    @property
    def evaluations(self) -> int | None:
        """Evaluations of the network for a sample (NFE), one of them for the last step: 2 N - 1 by Heun's method."""
        before = super().evaluations
        return None if before is None else before + 1

    @property
    def way(self) -> dict[str, Any]:
        """The solver, its steps, churn and guidance."""
        return super().way | {"churn": float(self.churn.amount)}

    def set_way(self, *, churn: float, **settings: Any) -> None:  # type: ignore[override]
        """Change the amount of churn and the rest; raise UsageError for what there is not."""
        self.churn = replace(self.churn, amount=churn)
        super().set_way(**settings)
        _check_churn(self.solver, self.churn)

    @property
    def start(self) -> float:
        """Noise that the equation begins with."""
        return self.sigma_max

    def advance(self, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Algorithm 2: add noise, take a step, but for the last; without churn it is algorithm 1."""
        sigma, x = self.churn(x, t, self.steps)
        return self.one_step.step(self.field(y), x, sigma, end)

    def denoised_end(self, t: float, x: Tensor, y: Tensor | None) -> Tensor:
        """The last step, Euler's to σ = 0, gives D(x; σ)."""
        return self.predicted_data(x, t, y)

    def film_frame(self, t: float, x: Tensor, y: Tensor | None) -> Tensor:
        """Give D(x; σ), since noise of σ = 80 is no picture."""
        return self.denoised_end(t, x, y).float().clamp(-1, 1)

    def coefficients(self, t: float) -> tuple[float, float]:
        """Give 1 and σ: a state is x + σ ε."""
        return 1.0, t


def _check_churn(solver: Solver | DPMSolver, churn: Churn) -> None:
    if isinstance(solver, DPMSolver) and churn.amount:
        raise UsageError(
            f"churn={churn.amount} puts noise between steps, of which {solver.name} remembers the last: leave it at 0, "
            "or take solver=heun."
        )
