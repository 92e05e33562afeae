"""What all games between a generator and a critic have in common (Goodfellow et al. 2014, Algorithm 1)."""

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import Required, Unpack

import torch
from torch import Tensor, nn

from gen_models.augment.base import Augment
from gen_models.constraints.weights import Constraint
from gen_models.core.batch import Batch
from gen_models.core.clock import Every
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.stream import BatchSize
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.growth import Growth
from gen_models.judges.base import Judge, Panel
from gen_models.latents.priors import Prior
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.consistency import LatentPenalty
from gen_models.losses.penalties import Penalty
from gen_models.losses.weights import WeightPenalty
from gen_models.networks.critics.heads import Guesses
from gen_models.networks.gan.growing import Growing


class Parts(Training, total=False):
    """The parts of a game that every family of games passes on to `Game` unread."""

    generator: Required[nn.Module]
    discriminator: Required[nn.Module]
    loss: Required[Adversarial]
    latent_dim: Required[int]
    critic_steps: Every
    generator_batches: int
    penalties: Mapping[str, Penalty] | None
    latent_penalties: Mapping[str, LatentPenalty] | None
    weight_penalties: Mapping[str, WeightPenalty] | None
    judges: Mapping[str, Judge] | None
    clipping: Constraint | None
    augment: Augment | None
    growth: Growth | None


class Game(GenerativeModel):
    """A generator and a critic; what the critic guesses besides is the family's.

    Args:
        generator: Latents (B, latent_dim) and classes to samples.
        discriminator: Samples and classes to logits (B,), and maybe to guesses.
        loss: What both minimise, given logits.
        prior: What latents are drawn from in training.
        latent_dim: Size of a latent.
        critic_steps: k of Algorithm 1: the critic moves on every turn, the generator on every k-th.
        generator_batches: Samples in a generator's move, for each real one in the batch.
        penalties: Terms of the critic's loss that look at the critic.
        latent_penalties: Terms of both losses that change the latents.
        weight_penalties: Terms of the generator's loss that look at its weights.
        judges: Terms of the generator's loss by fixed judges of its samples.
        clipping: Keeps the critic's weights in a box, or in a ball.
        augment: Changes real and generated samples before the critic sees them.
        growth: When both networks grow (Karras et al. 2018).
        training: Options of the engine.

    Raises:
        UsageError: Networks should grow that can't.
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
        judges: Mapping[str, Judge] | None = None,
        clipping: Constraint | None = None,
        augment: Augment | None = None,
        growth: Growth | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.generator = generator
        self.discriminator = discriminator
        self.loss = loss
        self.prior = prior
        self.latent_dim = latent_dim
        self.critic_steps = critic_steps
        self.generator_batches = generator_batches
        self.penalties = penalties or {}
        self.latent_penalties = latent_penalties or {}
        self.weight_penalties = weight_penalties or {}
        self.judges = Panel(judges)
        self.clipping = clipping
        self.augment = augment
        self.growth = growth
        modules = [*generator.modules(), *discriminator.modules()]
        self.growing = [module for module in modules if isinstance(module, Growing)]
        if growth is not None and len(self.growing) < 2:
            raise UsageError("model.growth needs networks that grow: choose network=progressive.")

    @abstractmethod
    def critic_terms(self, real: Tensor | None, fake: Tensor | None, y: Tensor, z: Tensor) -> Losses:
        """Say what the critic pays for its guesses, if it has any, of data and of samples made from z."""

    @abstractmethod
    def generator_terms(self, fake: Tensor | None, y: Tensor, z: Tensor) -> Losses:
        """Say what the generator pays for the critic's guesses of samples made from z."""

    def prepare(self, source: Source) -> None:
        """Let the judges see the data."""
        self.judges.prepare(source, self.device)

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
        (real_logits, real_guess), (fake_logits, fake_guess) = self.judge(batch.x, batch.y), self.judge(fake, batch.y)
        if self.augment is not None:
            self.augment.observe(real_logits.detach())
        self.note("real", real_logits.mean())
        self.note("fake", fake_logits.mean())
        losses = {"adversarial": self.loss.critic(real_logits, fake_logits)}
        losses |= self.critic_terms(real_guess, fake_guess, batch.y, z)
        for name, penalty in self.penalties.items():
            if self.clock.moves.get("critic", 0) % penalty.every == 0:
                losses[name] = penalty.every * penalty(self.logits, batch.x, fake, batch.y)
        for name, change in self.latent_penalties.items():
            losses[name] = change.critic(self.logits, self.generate, z, batch.y)
        return losses

    def generator_losses(self, batch: Batch) -> Losses:
        """Make the critic believe in fresh samples; real ones are scored only for a loss that compares."""
        batch = self.seen(batch)
        y = batch.y.repeat(self.generator_batches)
        z = self.prior.sample(len(y), self.latent_dim, self.device)
        fake = self.generate(z, y)
        fake_logits, fake_guess = self.judge(fake, y)
        real_logits = self.logits(batch.x, batch.y).repeat(self.generator_batches) if self.loss.compares else None
        losses = {"adversarial": self.loss.generator(fake_logits, real_logits)}
        losses |= self.generator_terms(fake_guess, y, z)
        for name, change in self.latent_penalties.items():
            losses[name] = change.generator(self.generate, z, y)
        for name, penalty in self.weight_penalties.items():
            losses[name] = penalty(self.generator)
        return losses | self.judges(fake, batch.x, y)

    def seen(self, batch: Batch) -> Batch:
        """Give the data as networks that grow see it."""
        return batch._replace(x=self.grown(batch.x))

    def grown(self, x: Tensor) -> Tensor:
        """Give whole samples (B, *shape) as networks that grow see them: small at first."""
        return self.growing[-1].seen(x) if self.growing else x

    def generate(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Map latents to samples (B, *shape), as float32 also under autocast."""
        return self.generator(z, y).float()

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,) of whole samples (B, *shape) in [-1, 1], whatever it sees by now."""
        return self.logits(self.grown(x), y)

    def logits(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,), of augmented samples in training, as float32 also under autocast."""
        return self.discriminator(self._augmented(x), y).float()

    def judge(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor | None]:
        """Give the critic's logits (B,), and its guesses (B, K) if it makes any, of one pass."""
        if not isinstance(self.discriminator, Guesses):
            return self.logits(x, y), None
        logits, guess = self.discriminator.logits_and_guesses(self._augmented(x), y)
        return logits.float(), guess.float()

    def decode_latents(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of latents (B, latent_dim)."""
        x = self.generate(z, y)
        return self.generator.shown(x) if isinstance(self.generator, Growing) else x

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]."""
        return self.decode_latents(self.prior.sample(n, self.latent_dim, self.device), self.labels(n, y))

    def _augmented(self, x: Tensor) -> Tensor:
        return self.augment(x) if self.augment is not None and self.training else x
