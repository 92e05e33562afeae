"""Goodfellow et al. (2014): Generative adversarial nets, and every two-player game that differs in its parts only."""

from collections.abc import Mapping
from functools import partial
from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.augment.base import Augment
from gen_models.core.batch import Batch
from gen_models.core.clock import Every
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.stream import BatchSize
from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.growth import Growth
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.auxiliary import ClassLoss
from gen_models.losses.consistency import LatentPenalty
from gen_models.losses.penalties import Penalty
from gen_models.losses.weights import Constraint, WeightPenalty
from gen_models.networks.gran import Unrolls
from gen_models.networks.growing import Growing
from gen_models.networks.heads import Classifies
from gen_models.networks.statistics import standing_statistics
from gen_models.priors import Prior, Truncated


class GAN(GenerativeModel):
    """A generator and a critic, in the alternation of Algorithm 1.

    Args:
        generator: Latents (B, latent_dim) and classes to samples.
        discriminator: Samples and classes to logits (B,).
        loss: What both minimise, given logits.
        prior: What latents are drawn from in training.
        latent_dim: Size of a latent.
        critic_steps: k of Algorithm 1: the critic moves on every turn, the generator on every k-th.
        generator_batches: Samples in a generator's move, for each real one in the batch.
        penalties: Terms of the critic's loss that look at the critic.
        latent_penalties: Terms of both losses that change the latents.
        weight_penalties: Terms of the generator's loss that look at its weights.
        clipping: Keeps the critic's weights in a box, or in a ball.
        augment: Changes real and generated samples before the critic sees them.
        class_loss: Makes the critic guess the class, and the generator draw what is guessed (Odena et al. 2017).
        growth: When both networks grow (Karras et al. 2018).
        sampling: What latents are drawn from in sampling; None takes `prior` (truncation: Brock et al. 2019).
        conditional: Insist on data with classes.
        training: Options of the engine.

    Raises:
        UsageError: A part needs what the data, or another part, does not have.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        loss: Adversarial,
        prior: Prior,
        latent_dim: int,
        critic_steps: Every = 1,
        generator_batches: int = 1,
        penalties: Mapping[str, Penalty] | None = None,
        latent_penalties: Mapping[str, LatentPenalty] | None = None,
        weight_penalties: Mapping[str, WeightPenalty] | None = None,
        clipping: Constraint | None = None,
        augment: Augment | None = None,
        class_loss: ClassLoss | None = None,
        growth: Growth | None = None,
        sampling: Prior | None = None,
        conditional: bool = False,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.generator = generator
        self.discriminator = discriminator
        self.loss = loss
        self.prior = prior
        self.sampling = sampling or prior
        self.latent_dim = latent_dim
        self.critic_steps = critic_steps
        self.generator_batches = generator_batches
        self.penalties = penalties or {}
        self.latent_penalties = latent_penalties or {}
        self.weight_penalties = weight_penalties or {}
        self.clipping = clipping
        self.augment = augment
        self.class_loss = class_loss
        self.growth = growth
        self.growing = [network for network in (generator, discriminator) if isinstance(network, Growing)]
        if growth is not None and len(self.growing) < 2:
            raise UsageError("model.growth needs networks that grow: choose network=progressive.")
        if conditional and not self.classes:
            raise UsageError(
                "this model draws a class on demand, and the data has none: "
                "choose one by data.label=…, or leave data.labelled out."
            )
        if class_loss is not None and not isinstance(discriminator, Classifies):
            raise UsageError("model.class_loss needs a critic that guesses the class: choose network=dcgan_classifier.")

    def players(self) -> tuple[Player, ...]:
        """The critic on every turn, the generator on every k-th."""
        return (
            Player("critic", [self.discriminator], self.critic_losses),
            Player("generator", [self.generator], self.generator_losses, every=self.critic_steps),
        )

    def on_turn_start(self) -> None:
        """Grow if it is time to."""
        if self.growth is not None and self.growth.act(self.clock.images, self.growing):
            self.restart_optimizers()

    @property
    def batch_size(self) -> BatchSize | None:
        """Images in a turn by images seen, if growth decides it."""
        if self.growth is None or not self.growth.batch_sizes:
            return None
        last = len(self.growing[0].sides) - 1
        return partial(self.growth.batch_size, sizes=self.growth.batch_sizes, last=last)

    def critic_losses(self, batch: Batch) -> Losses:
        """Tell real from generated samples, with no graph through the generator."""
        batch = self.seen(batch)
        if self.clipping is not None:
            self.clipping.apply_(self.discriminator)
        z = self.prior.sample(len(batch.x), self.latent_dim, self.device)
        with torch.no_grad():
            fake = self.generate(z, batch.y)
        (real_logits, real_losses), (fake_logits, _) = self.judge(batch.x, batch.y), self.judge(fake, batch.y)
        if self.augment is not None:
            self.augment.observe(real_logits.detach())
        self.note("real", real_logits.mean())
        self.note("fake", fake_logits.mean())
        losses = {"adversarial": self.loss.critic(real_logits, fake_logits)} | real_losses
        for name, penalty in self.penalties.items():
            if self.clock.moves.get("critic", 0) % penalty.every == 0:
                losses[name] = penalty.every * penalty(self.score, batch.x, fake, batch.y)
        for name, change in self.latent_penalties.items():
            losses[name] = change.critic(self.score, self.generate, z, batch.y)
        return losses

    def generator_losses(self, batch: Batch) -> Losses:
        """Make the critic believe in fresh samples; real ones are scored only for a loss that compares."""
        batch = self.seen(batch)
        y = batch.y.repeat(self.generator_batches)
        z = self.prior.sample(len(y), self.latent_dim, self.device)
        fake_logits, losses = self.judge(self.generate(z, y), y)
        real_logits = self.score(batch.x, batch.y).repeat(self.generator_batches) if self.loss.compares else None
        losses = {"adversarial": self.loss.generator(fake_logits, real_logits)} | losses
        for name, change in self.latent_penalties.items():
            losses[name] = change.generator(self.generate, z, y)
        for name, penalty in self.weight_penalties.items():
            losses[name] = penalty(self.generator)
        return losses

    def seen(self, batch: Batch) -> Batch:
        """Give the data as networks that grow see it."""
        critic = self.discriminator
        return batch._replace(x=critic.seen(batch.x)) if isinstance(critic, Growing) else batch

    def generate(self, z: Tensor, y: Tensor) -> Tensor:
        """Map latents to samples (B, *shape), as float32 also under autocast."""
        return self.generator(z, y).float()

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,), of augmented samples in training, as float32 also under autocast."""
        return self.discriminator(self._augmented(x), y).float()

    def judge(self, x: Tensor, y: Tensor) -> tuple[Tensor, Losses]:
        """Give the critic's logits (B,), and what guessing the class costs, of one pass."""
        if self.class_loss is None or not isinstance(self.discriminator, Classifies):
            return self.score(x, y), {}
        logits, class_logits = self.discriminator.both(self._augmented(x), y)
        return logits.float(), {"class": self.class_loss(class_logits.float(), y)}

    def _augmented(self, x: Tensor) -> Tensor:
        return self.augment(x) if self.augment is not None and self.training else x

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw and give the pictures (T, n, *shape) in [-1, 1] after each step of the generator; most have one."""
        z, y = self.sampling.sample(n, self.latent_dim, self.device), self.labels(n, y)
        if isinstance(self.generator, Unrolls):
            return self.generator.unroll(z, y).float()
        x = self.generate(z, y)
        return (self.generator.shown(x) if isinstance(self.generator, Growing) else x).unsqueeze(0)

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]."""
        return self.trajectory(n, y)[-1]

    def truncate(self, limit: float, passes: int) -> None:
        """Sample truncated latents, with standing statistics of 64 samples a pass (Brock et al. 2019, section 3.1)."""
        self.sampling = Truncated(limit)
        standing_statistics(self.generator, lambda: self.sample(64), passes)
