"""Goodfellow et al. (2014): Generative adversarial nets, and every two-player game that differs in its parts only."""

from collections.abc import Mapping
from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.engine import Training
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.penalties import Penalty
from gen_models.priors import Prior


class GAN(GenerativeModel):
    """A generator and a critic, in the alternation of Algorithm 1.

    Args:
        generator: Latents (B, latent_dim) and classes to samples.
        discriminator: Samples and classes to logits (B,).
        loss: What both minimise, given logits.
        prior: What latents are drawn from.
        latent_dim: Size of a latent.
        penalties: Terms added to the critic's loss, by name.
        critic_steps: k of Algorithm 1: the critic moves on every turn, the generator on every k-th.
        training: Options of the engine.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        loss: Adversarial,
        prior: Prior,
        latent_dim: int,
        penalties: Mapping[str, Penalty] | None = None,
        critic_steps: int = 1,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.generator = generator
        self.discriminator = discriminator
        self.loss = loss
        self.prior = prior
        self.latent_dim = latent_dim
        self.penalties = penalties or {}
        self.critic_steps = critic_steps

    def players(self) -> tuple[Player, ...]:
        """The critic on every turn, the generator on every k-th."""
        return (
            Player("critic", [self.discriminator], self.critic_losses),
            Player("generator", [self.generator], self.generator_losses, every=self.critic_steps),
        )

    def critic_losses(self, batch: Batch) -> Losses:
        """Tell real from generated samples, with no graph through the generator."""
        with torch.no_grad():
            fake = self.generate(len(batch.x), batch.y)
        real_logits, fake_logits = self.score(batch.x, batch.y), self.score(fake, batch.y)
        self.note("real", real_logits.mean())
        self.note("fake", fake_logits.mean())
        losses = {"adversarial": self.loss.critic(real_logits, fake_logits)}
        for name, penalty in self.penalties.items():
            losses[name] = penalty(self.score, batch.x, fake, batch.y)
        return losses

    def generator_losses(self, batch: Batch) -> Losses:
        """Make the critic believe in fresh samples; real ones are scored only for losses that compare."""
        fake = self.score(self.generate(len(batch.x), batch.y), batch.y)
        return {"adversarial": self.loss.generator(fake)}

    def generate(self, n: int, y: Tensor) -> Tensor:
        """Draw latents and map them to (n, *shape), as float32 also under autocast."""
        return self.generator(self.prior.sample(n, self.latent_dim, self.device), y).float()

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,), as float32 also under autocast."""
        return self.discriminator(x, y).float()

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]."""
        return self.generate(n, self.labels(n, y))
