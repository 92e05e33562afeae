"""Diffusion models whose samples are drawn step by step by a sampler of the reverse process, and what they share."""

from abc import abstractmethod
from functools import partial
from typing import Any

from torch import Tensor

from gen_models.diffusion.dpm_solver import Advance, DPMSolver
from gen_models.diffusion.samplers import DDIM, Sampler, sampler_named
from gen_models.diffusion.solvers import wide
from gen_models.families.denoising import Denoising, along
from gen_models.families.parts.trajectory import last


class ReverseProcess(Denoising):
    """Base class of diffusion models that choose among samplers: ancestral, DDIM, DPM-Solver++.

    Attributes:
        sampler: Of the reverse process; where a step stands alone, DDIM stands in for DPM-Solver++.
    """

    sampler: Sampler | DPMSolver

    @abstractmethod
    def moved(self, sampler: Sampler, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Draw states (B, *shape) at `end` of those at t, by a sampler."""

    @abstractmethod
    def predicted_data(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give the data (B, *shape) that the network expects behind states at time t."""

    def advance(self, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Take a step of the sampler."""
        return self.moved(DDIM() if isinstance(self.sampler, DPMSolver) else self.sampler, x, t, end, y)

    def walk(self, y: Tensor | None) -> Advance:
        """Take steps by the sampler."""
        if isinstance(self.sampler, DPMSolver):
            return self.sampler.walk(partial(self.predicted_data, y=y), self.coefficients)
        return super().walk(y)

    def decode_unrounded(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Give what noise z (B, *shape) leads to without further noise: by DDIM, or DPM-Solver++."""
        walk = self.walk(y) if isinstance(self.sampler, DPMSolver) else partial(self.moved, DDIM(), y=y)
        return self.denoised_end(*last(along(self.route(), wide(z), walk)), y)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Go to noise and back."""
        return self.decode(self.encode(x, y), y)

    @abstractmethod
    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the noise (B, D) that leads to samples."""

    @property
    def evaluations(self) -> int:
        """Evaluations of the network for a sample (NFE)."""
        return self.steps

    @property
    def way(self) -> dict[str, Any]:
        """The sampler, its steps, the share of fresh noise, and guidance."""
        return super().way | {"sampler": self.sampler.name, "eta": float(self.sampler.eta)}

    def set_way(self, *, sampler: str, eta: float, **settings: Any) -> None:  # type: ignore[override]
        """Change the sampler, whose own eta counts unless that is changed, and the rest.

        Raises:
            UsageError: There is no such sampler, or its eta can't be chosen; or what `Denoising` refuses.
        """
        kept = sampler != self.sampler.name and eta == self.sampler.eta
        self.sampler = sampler_named(sampler, None if kept else eta)
        super().set_way(**settings)
