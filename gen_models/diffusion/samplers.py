"""Samplers of diffusion models in discrete time: from x_t to x_s, given a prediction of the data."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from gen_models.diffusion.chain import Step
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.errors import UsageError, named


class Sampler(ABC):
    """Sampler: one step of the reverse process.

    Attributes:
        name: By which a way of sampling asks for it.
        eta: Share of the noise that is drawn afresh.
    """

    name: str
    eta: float

    @abstractmethod
    def step(self, x: Tensor, data: Tensor, log_variance: Tensor, step: Step) -> Tensor:
        """Give x_s (B, *shape).

        Args:
            x: x_t (B, *shape).
            data: The prediction of x_0.
            log_variance: Of the model's p(x_s | x_t), of every entry or of each.
            step: t, beside x.
        """


class Ancestral(Sampler):
    """Ancestral sampling (DDPM: Ho et al. 2020, https://arxiv.org/abs/2006.11239, algorithm 2)."""

    name = "ancestral"
    eta = 1.0

    def step(self, x: Tensor, data: Tensor, log_variance: Tensor, step: Step) -> Tensor:
        """Draw from the model's Gaussian; the last step gives its mean."""
        mean = step.of_data * data + step.of_state * x
        return mean + (step.before < 1) * (0.5 * log_variance).exp() * torch.randn_like(x)


class DDIM(Sampler):
    """Denoising diffusion implicit model (Song et al. 2021, https://arxiv.org/abs/2010.02502, equation 12).

    Args:
        eta: 0 draws no noise and makes samples a function of x_T, 1 has the variance β̃_t.
    """

    name = "ddim"

    def __init__(self, eta: float = 0.0) -> None:
        self.eta = eta

    def step(self, x: Tensor, data: Tensor, log_variance: Tensor, step: Step) -> Tensor:
        """Go on to where the predicted data and the predicted noise point, and add a share of fresh noise."""
        noise = (x - step.signal * data) / step.noise
        variance = self.eta**2 * step.least
        mean = step.before.sqrt() * data + (1 - step.before - variance).clamp(min=0).sqrt() * noise
        return mean + variance.sqrt() * torch.randn_like(x) if self.eta else mean


def samplers() -> Mapping[str, Sampler | DPMSolver]:
    """Give every sampler by its name, with its usual share of fresh noise."""
    return {sampler.name: sampler for sampler in (Ancestral(), DDIM(), DPMSolver())}


def sampler_named(name: str, eta: float | None) -> Sampler | DPMSolver:
    """Give the sampler of that name, with a share of fresh noise; None is its usual one.

    Raises:
        UsageError: There is none, or its share can't be chosen.
    """
    sampler = named("sampler", name, samplers())
    if isinstance(sampler, DDIM) and eta is not None:
        return DDIM(eta)
    if eta not in (None, sampler.eta):
        raise UsageError(f"eta={eta} is for sampler=ddim, and {name} has always {sampler.eta}: leave it out.")
    return sampler
