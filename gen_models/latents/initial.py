"""Initial latents of training items (GLO)."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from gen_models.data.interface import Items, batches, some
from gen_models.errors import UsageError
from gen_models.latents.priors import Prior

BATCH = 500


class Start(ABC):
    """Initialisation of one latent for each training item."""

    @abstractmethod
    def __call__(self, items: Items, dim: int) -> Tensor:
        """Give (N, dim) float32 on the CPU."""


class Drawn(Start):
    """Random initialisation: the pairing of latents and items is arbitrary.

    Args:
        prior: What they are drawn from.
    """

    def __init__(self, prior: Prior) -> None:
        self.prior = prior

    def __call__(self, items: Items, dim: int) -> Tensor:
        """Draw (N, dim)."""
        return self.prior.sample(len(items), dim, torch.device("cpu"))


class Principal(Start):
    """Principal components of the items, scaled to a mean square of 1: similar items begin side by side.

    Args:
        fitted: Items that the axes are fitted to; all are then projected on them.
    """

    def __init__(self, fitted: int = 4096) -> None:
        self.fitted = fitted

    def __call__(self, items: Items, dim: int) -> Tensor:
        """Project (N, dim); a common factor makes the mean square 1.

        Raises:
            UsageError: There are fewer axes than dimensions.
        """
        sample = torch.cat([x.flatten(1) for x, _ in batches(items, some(items, self.fitted), BATCH)])
        if dim > min(sample.shape):
            raise UsageError(
                f"{sample.shape[0]} items of {sample.shape[1]} values have {min(sample.shape)} principal components, "
                f"not {dim}: lower model.latent_dim, or start at random."
            )
        mean = sample.mean(0)
        _, _, axes = torch.svd_lowrank(sample - mean, q=dim, niter=4)
        everything = batches(items, torch.arange(len(items)), BATCH)
        codes = torch.cat([(x.flatten(1) - mean) @ axes for x, _ in everything])
        return codes / codes.square().mean().sqrt()
