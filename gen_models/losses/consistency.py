"""Consistency regularisation of a critic (CR, bCR) and of latents (zCR)."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from gen_models.bounds import Positive, Weight
from gen_models.losses.penalties import CriticFunction, Penalty

Transform = Callable[[Tensor], Tensor]
"""Samples (B, *shape) to samples of the same shape that mean the same."""


class Consistency(Penalty):
    """Consistency regularisation (CR, bCR): a sample and its augmented twin get the same logit.

    Zhang et al. (2020), https://arxiv.org/abs/1910.12027; balanced: Zhao et al. (2021), https://arxiv.org/abs/2002.04724.

    Args:
        weight: λ of the paper.
        augment: Makes the twin.
        balanced: Ask it of generated samples too, so that these don't come to look augmented (bCR).
        every: See `Penalty`.
    """

    def __init__(self, weight: Weight, augment: Transform, balanced: bool = False, every: Positive = 1) -> None:
        super().__init__(weight, every)
        self.augment = augment
        self.balanced = balanced

    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """E (D(x) - D(T(x)))², balanced: + E (D(G(z)) - D(T(G(z))))²."""
        measured = _disagreement(critic, real, self.augment(real), y)
        return measured + _disagreement(critic, fake, self.augment(fake), y) if self.balanced else measured


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

    def __init__(self, critic_weight: float = 5.0, generator_weight: float = 0.5, sigma: float = 0.03) -> None:
        self.critic_weight = critic_weight
        self.generator_weight = generator_weight
        self.sigma = sigma

    def critic(self, score: CriticFunction, generate: Generator, z: Tensor, y: Tensor) -> Tensor:
        """λ E (D(G(z)) - D(G(z + δ)))², with no graph through the generator."""
        with torch.autocast(z.device.type, enabled=False):
            with torch.no_grad():
                first, second = self._pair(generate, z, y)
            return self.critic_weight * _disagreement(score, first, second, y)

    def generator(self, generate: Generator, z: Tensor, y: Tensor) -> Tensor:
        """-λ E (G(z) - G(z + δ))²."""
        with torch.autocast(z.device.type, enabled=False):  # the difference is smaller than bfloat16 resolves
            first, second = self._pair(generate, z, y)
            return -self.generator_weight * (first - second).square().mean()

    def _pair(self, generate: Generator, z: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return generate(z, y), generate(z + self.sigma * torch.randn_like(z), y)


def _disagreement(critic: CriticFunction, first: Tensor, second: Tensor, y: Tensor) -> Tensor:
    """E (D(x) - D(x'))², of one pass: a spectrally normalised critic is another one in the next."""
    one, other = critic(torch.cat([first, second]), torch.cat([y, y])).chunk(2)
    return (one - other).square().mean()
