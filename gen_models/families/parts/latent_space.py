"""Spaces of codes: an autoencoder within a model that learns to draw its codes."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gen_models.core.abilities.codes import Decodes, Encodes
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import batches, some
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.parts.pretrained import Adopted

MEASURED = 10_000
"""Items whose codes are measured."""


class Space(Adopted):
    """Latent space of an autoencoder, whose codes are standardised (Rombach et al. 2022, appendix G).

    https://arxiv.org/abs/2112.10752.

    Args:
        model: Encodes and decodes.
        size: Dimensions D of a code.
        shape: Of a sample.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: GenerativeModel, size: int, shape: Sequence[int]) -> None:
        super().__init__(model, shape)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("std", torch.ones(size))

    def fit(self, run: str, model: GenerativeModel) -> None:
        """Refuse a model without codes, or with other ones."""
        if not isinstance(model, Encodes) or not isinstance(model, Decodes):
            raise UsageError(f"{run} has no space of codes: model.space is a run that encodes and decodes, as of vae.")
        size = model.encode(torch.zeros(1, *self.shape), torch.zeros(1, dtype=torch.long)).shape[1]
        if size != len(self.mean):
            raise UsageError(f"{run} has codes of {size} dimensions: set model.latent_dim={size}.")

    @torch.no_grad()
    def measure(self, source: Source, device: torch.device) -> None:
        """Measure mean and spread of the codes of training items."""
        items = batches(source.train, some(source.train, MEASURED), 500)
        codes = torch.cat([self.model.encode(x.to(device), y.to(device)).double() for x, y in items])
        std, mean = torch.std_mean(codes, 0)
        self.mean.copy_(mean)
        self.std.copy_(std.clamp(min=1e-6))

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give standardised codes (B, D)."""
        return (self.model.encode(x, y) - self.mean) / self.std

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of standardised codes."""
        return self.model.decode(self.mean + self.std * z, y)
