"""Spaces of codes: an autoencoder within a model that learns to draw its codes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf
from torch import Tensor, nn

from gen_models.core.abilities import Decodes, Encodes
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import batches, first
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.run.build import build_model
from gen_models.run.directory import load
from gen_models.run.reading import read_config
from gen_models.run.stored import literal

MEASURED = 10_000
"""Items whose codes are measured."""


class Space(nn.Module):
    """Latent space of an autoencoder, whose codes are standardised (Rombach et al. 2022, appendix G).

    https://arxiv.org/abs/2112.10752. A model that comes from another run is kept whole, weights and configuration, in
    the checkpoints of this one, which need that run no more.

    Args:
        model: Encodes and decodes.
        size: Dimensions D of a code.
        shape: Of a sample.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: GenerativeModel, size: int, shape: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("std", torch.ones(size))
        self.model: Any = model  # Encodes and Decodes, which `adopt` makes sure of
        self.shape = tuple(shape)
        self._origin: dict[str, Any] = {}

    @property
    def classes(self) -> int:
        """Classes that the model is told."""
        return self.model.classes

    def adopt(self, run: str) -> None:
        """Put the model of a run into the place of this one's, with its averaged weights, frozen.

        Raises:
            UsageError: It has no codes, or other ones, or other samples.
        """
        model, cfg = load(run), read_config(Path(run))
        if not isinstance(model, Encodes) or not isinstance(model, Decodes):
            raise UsageError(f"{run} has no space of codes: model.space is a run that encodes and decodes, as of vae.")
        if tuple(cfg.spec.shape) != self.shape:
            raise UsageError(f"{run} has samples of shape {list(cfg.spec.shape)}, and these are {list(self.shape)}.")
        size = model.encode(torch.zeros(1, *self.shape), torch.zeros(1, dtype=torch.long)).shape[1]
        if size != len(self.mean):
            raise UsageError(f"{run} has codes of {size} dimensions: set model.latent_dim={size}.")
        self.model = model
        self._origin = {"model": OmegaConf.to_container(cfg.model, resolve=True), "seed": cfg.seed}

    def get_extra_state(self) -> dict[str, Any]:
        """The configuration of a model that came from another run; empty for this run's own."""
        return self._origin

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Build that model, before its weights are loaded; as every stored configuration, it may be a stranger's."""
        if state:
            model = build_model(OmegaConf.create({**literal(state), "plugins": []}))
            model.adopt_averages()
            self.model = model.eval().requires_grad_(False)
            self._origin = state

    @torch.no_grad()
    def measure(self, source: Source, device: torch.device) -> None:
        """Measure mean and spread of the codes of training items."""
        items = batches(source.train, first(source.train, MEASURED), 500)
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
