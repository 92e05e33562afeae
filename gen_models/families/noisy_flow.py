"""Flows of noisy data, whose samples are denoised (TarFlow: Zhai et al. 2024, https://arxiv.org/abs/2412.06329)."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, Unpack, runtime_checkable

import torch
from torch import Tensor

from gen_models.bounds import Scale
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.diffusion.guidance import Guidance
from gen_models.errors import UsageError
from gen_models.families.parts.sampling import at_temperature
from gen_models.latents.priors import BaseDensity
from gen_models.networks.flows.bijection import Flow


@runtime_checkable
class GuidesInverse(Protocol):
    """Flow whose inverse can be guided towards a class."""

    def guided_inverse(self, z: Tensor, y: Tensor | None, scale: float, rising: bool = False) -> Tensor:
        """Give the samples (B, *shape) of latents (B, D), guided by a scale, of which 1 is the inverse itself."""


class NoisyFlow(GenerativeModel):
    """Normalising flow of data with Gaussian noise; samples lose it in one step, and are guided towards their class.

    Zhai et al. (2024), sections 2.3 to 2.5, https://arxiv.org/abs/2412.06329. Noise wider than the bins of pixels gives
    better samples, and a likelihood that is of no pixels; so this model gives none: that is `NormalisingFlow`'s.

    Args:
        flow: Samples and classes to latents (B, D) and log-determinants, and back.
        prior: Density of the latents.
        sigma: σ, the standard deviation of the noise on data in [-1, 1]; published are 0.05 to 0.15.
        denoises: Steps of denoising after drawing: 1, or 0 to see the noise.
        temperature: Factor on latents in sampling.
        guidance: Of classes, and how often they are hidden in training.
        rising: Guide the more the later a token is drawn, as in the authors' evaluation, and not all alike.
        training: Options of the engine.

    Raises:
        UsageError: The flow can't be guided.
    """

    def __init__(
        self,
        flow: Flow,
        prior: BaseDensity,
        sigma: Scale = 0.1,
        denoises: int = 1,
        temperature: float = 1.0,
        guidance: Guidance | None = None,
        rising: bool = False,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.flow = flow
        self.prior = prior
        self.sigma = sigma
        self.guidance = guidance or Guidance()
        self.rising = rising
        self.set_way(temperature=temperature, guidance=self.guidance.scale, denoises=denoises)

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("flow", [self.flow], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Change of variables, -log p(z) - log|det dz/dx|, of noisy data, in bits per dimension."""
        x = batch.x + self.sigma * torch.randn_like(batch.x)
        nll = -self.log_density(x, self.guidance.drop_labels(batch.y, self.classes)).mean()
        return {"noisy_bits_per_dimension": nll / (self.flow.num_dims * math.log(2))}

    def log_density(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-density (B,) in nats of noisy samples."""
        z, log_det = self.flow(x, y)
        return self.prior.log_prob(z) + log_det

    def denoised(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the mean of the data given noisy samples: Tweedie's x + σ² ∇ log p(x) (Efron 2011).

        https://doi.org/10.1198/jasa.2011.tm11181; Zhai et al. (2024), equation 9.
        """
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            (score,) = torch.autograd.grad(self.log_density(x, y).sum(), x)
        return (x + self.sigma**2 * score).detach()

    @property
    def evaluations(self) -> int:
        """Evaluations of the flow for a sample (NFE): steps of its inverse, and one more where noise is taken off."""
        return self.flow.steps + self.denoises

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents, bring them back, guided, and take the noise off: (n, *shape) in [-1, 1]."""
        y = self.labels(n, y)
        z = self.temperature * self.prior.sample(n, self.flow.num_dims, self.device)
        if isinstance(self.flow, GuidesInverse):
            x = self.flow.guided_inverse(z, y, self.guidance.scale, self.rising)
        else:
            x = self.flow.inverse(z, y)
        for _ in range(self.denoises):
            x = self.denoised(x, y)
        return x.clamp(-1, 1)

    @property
    def way(self) -> Mapping[str, Any]:
        """Temperature, guidance and denoising."""
        return {"temperature": self.temperature, "guidance": self.guidance.scale, "denoises": self.denoises}

    def set_way(self, *, temperature: float = 1.0, guidance: float = 1.0, denoises: int = 1) -> None:
        """Change temperature, guidance and denoising.

        Raises:
            UsageError: The flow can't be guided, or there are other than 0 or 1 steps of denoising.
        """
        if guidance != 1 and not isinstance(self.flow, GuidesInverse):
            raise UsageError("this flow can't be guided: set model.guidance.scale=1, or choose network=tarflow.")
        if denoises not in (0, 1):
            raise UsageError(f"noise is taken off once or not at all, not {denoises} times: denoises is 0 or 1.")
        self.temperature = at_temperature(temperature)
        self.guidance = replace(self.guidance, scale=guidance)
        self.denoises = denoises
