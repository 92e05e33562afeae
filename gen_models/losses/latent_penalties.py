"""Latent regularisers: terms of both players that change the latents (zCR)."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from gen_models.bounds import Scale, Weight
from gen_models.losses.consistency import disagreement
from gen_models.losses.penalties import CriticFunction

Generator = Callable[[Tensor, Tensor], Tensor]
"""Latents (B, D) and classes (B,) to samples (B, *shape)."""


@runtime_checkable
class LatentPenalty(Protocol):
    """Latent regulariser: a term of both players' objectives that changes the latents."""

    def critic(self, score: CriticFunction, generate: Generator, z: Tensor, y: Tensor) -> Tensor:
        """Give the critic's weighted term, a scalar."""

    def generator(self, generate: Generator, z: Tensor, y: Tensor) -> Tensor:
        """Give the generator's weighted term, a scalar."""


class LatentConsistency:
    """Latent consistency regularisation (zCR): nearby latents give samples that differ, but whose logits agree.

    Zhao et al. (2021), https://arxiv.org/abs/2002.04724. The defaults are those for SNDCGAN; for BigGAN they are 20,
    0.5 and 0.05 (StudioGAN, BigGAN-ICR.yaml).

    Args:
        critic_weight: λ_dis of the paper.
        generator_weight: λ_gen of the paper, on the mean over pixels.
        sigma: Standard deviation of the change of a latent.
    """

    def __init__(self, critic_weight: Weight = 5.0, generator_weight: Weight = 0.5, sigma: Scale = 0.03) -> None:
        self.critic_weight = critic_weight
        self.generator_weight = generator_weight
        self.sigma = sigma

    def critic(self, score: CriticFunction, generate: Generator, z: Tensor, y: Tensor) -> Tensor:
        """λ E (D(G(z)) - D(G(z + δ)))², with no graph through the generator."""
        with torch.autocast(z.device.type, enabled=False):
            with torch.no_grad():
                first, second = self._pair(generate, z, y)
            return self.critic_weight * disagreement(score, first, second, y)

    def generator(self, generate: Generator, z: Tensor, y: Tensor) -> Tensor:
        """-λ E (G(z) - G(z + δ))²."""
        with torch.autocast(z.device.type, enabled=False):  # the difference is smaller than bfloat16 resolves
            first, second = self._pair(generate, z, y)
            return -self.generator_weight * (first - second).square().mean()

    def _pair(self, generate: Generator, z: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return generate(z, y), generate(z + self.sigma * torch.randn_like(z), y)
