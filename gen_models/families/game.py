"""Games between a generator and a critic (Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661, Algorithm 1)."""

from abc import abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Unpack

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import cached

from gen_models.augment.base import Augment
from gen_models.bounds import Positive
from gen_models.constraints.weights import Constraint
from gen_models.core.batch import Batch
from gen_models.core.lazy import Lazy
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.stream import BatchSize
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.parts.growth import Growth, Stages
from gen_models.families.parts.two_player import CriticSteps, Moves
from gen_models.judges.base import Judge, panel_of_samples
from gen_models.latents.priors import Prior
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.latent_penalties import LatentPenalty
from gen_models.losses.penalties import Penalty
from gen_models.losses.weights import WeightPenalty
from gen_models.networks.critics.heads import HasPredictions
from gen_models.networks.gan.growing import Growing
from gen_models.networks.gan.scales import ByScale
from gen_models.networks.layers.across_batch import looks_across_batch


class Game(GenerativeModel):
    """Two-player game of a generator and a critic; what the critic predicts besides is left to the family.

    Args:
        prior: What latents are drawn from in training.
        options: Each of `Parts`; those beside the parts are options of the engine.

    Raises:
        UsageError: Networks should grow that can't, or players move at once who don't look at the same samples.
    """

    def __init__(
        self,
        prior: Prior,
        *,
        generator: nn.Module,
        discriminator: nn.Module,
        loss: Adversarial,
        latent_dim: int,
        critic_steps: CriticSteps = 1,
        generator_batches: Positive = 1,
        penalties: Mapping[str, Penalty] | None = None,
        latent_penalties: Mapping[str, LatentPenalty] | None = None,
        weight_penalties: Mapping[str, WeightPenalty] | None = None,
        judges: Mapping[str, Judge] | None = None,
        clipping: Constraint | None = None,
        augment: Augment | None = None,
        growth: Growth | None = None,
        moves: Moves = "in_turn",
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        if moves == "at_once" and (critic_steps, generator_batches) != (1, 1):
            raise UsageError(
                "players move at once on the same samples only: "
                "set model.critic_steps=1 and model.generator_batches=1, or model.moves=in_turn."
            )
        self.prior = prior
        self.generator = generator
        self.discriminator = discriminator
        self.loss = loss
        self.latent_dim = latent_dim
        self.critic_steps = critic_steps
        self.generator_batches = generator_batches
        self.penalties = penalties or {}  # which schedules reach by these names
        self.latent_penalties = latent_penalties or {}
        self.weight_penalties = weight_penalties or {}
        self.judges = panel_of_samples(judges)
        self.clipping = clipping
        self.augment = augment
        self.stages = Stages(growth, [generator, discriminator])
        self.moves = moves
        self._apart = looks_across_batch(self.discriminator)
        self._drawn: list[tuple[Tensor, Tensor]] = []  # of the generator's move, for the critic's if both move at once

    def critic_terms(self, of_real: Tensor, of_fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Give the critic's terms for its predictions (B, K) of data, and of samples of the classes y made from z."""
        return {}

    @abstractmethod
    def generator_terms(self, of_fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Give the generator's terms for the critic's predictions (B, K) of samples of the classes y made from z."""

    def prepare(self, source: Source) -> None:
        """Let the judges see the data, and bring the critic to where it may be."""
        self.judges.prepare(source, self.device)
        self.constrain()

    def players(self) -> tuple[Player, ...]:
        """The critic on every turn, the generator on every k-th.

        If both move at once the generator is the first, and the critic judges what it drew before it moved: neither has
        seen the other's move.
        """
        every = {name: penalty.every for name, penalty in self.penalties.items() if penalty.every > 1}
        lazy = Lazy(every, self.lazy_penalties) if every else None
        critic = Player(
            "critic", [self.discriminator], self.critic_losses, after=self.constrain, variant=self.stage, lazy=lazy
        )
        generator = Player(
            "generator", [self.generator], self.generator_losses, every=self.critic_steps, variant=self.stage
        )
        return (generator, critic) if self.moves == "at_once" else (critic, generator)

    def constrain(self) -> None:
        """Project the critic's weights, if they are constrained (Arjovsky et al. 2017, Algorithm 1, line 7)."""
        if self.clipping is not None:
            self.clipping.apply_(self.discriminator)

    def on_turn_start(self) -> None:
        """Grow if it is time to."""
        if self.stages.advance(self.clock.images):
            self.restart_optimizers()

    @property
    def batch_size(self) -> BatchSize | None:
        """Images in a turn by images seen, if growth decides it."""
        return self.stages.batch_size

    def stage(self) -> Hashable:
        """Say what Python decides of a move: how far the networks have grown."""
        return self.stages.present

    @cached()  # one power iteration of spectral normalisation serves all passes of a move
    def critic_losses(self, batch: Batch) -> Losses:
        """Tell real from generated samples, with no graph through the generator."""
        x, y = self.at_stage(batch.x), batch.y
        z, fake = self._drawn.pop(0) if self._drawn else self._draw(y)
        (real_logits, fake_logits), (of_real, of_fake) = self._judged(x, fake, y)
        if self.augment is not None:
            self.augment.observe(real_logits.detach())
        self.note("real", real_logits.mean())
        self.note("fake", fake_logits.mean())
        losses = {"adversarial": self.loss.critic(real_logits, fake_logits)}
        losses |= self.critic_terms(of_real, of_fake, y, z)
        return losses | self._critic_penalties(x, fake, y, z)

    def _judged(self, real: Tensor, fake: Tensor, y: Tensor) -> Iterator[Sequence[Tensor]]:
        """The critic's logits, then its predictions, of data and of samples.

        A critic that looks at each sample by itself takes both in one pass: half as many kernels, each twice as large.
        """
        if self._apart:
            return zip(*(self.logits_and_predictions(x, y) for x in (real, fake)), strict=True)
        both = self.logits_and_predictions(torch.cat([real, fake]), torch.cat([y, y]))
        return (found.chunk(2) for found in both)

    @torch.no_grad()
    def _draw(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Latents (B, latent_dim), and samples of them of the classes y."""
        z = self.prior.sample(len(y), self.latent_dim, self.device)
        return z, self.generate(z, y)

    def _critic_penalties(self, real: Tensor, fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Terms that look at the critic in every move, or move latents."""
        losses: Losses = {}
        for name, penalty in self.penalties.items():
            if penalty.every == 1:
                losses[name] = penalty(self.logits, real, fake, y)
        for name, change in self.latent_penalties.items():
            losses[name] = change.critic(self.logits, self.generate, z, y)
        return losses

    @cached()
    def lazy_penalties(self, batch: Batch, names: Sequence[str]) -> Losses:
        """Look at the critic by the penalties of these names, at data, and at samples of their own if they need any."""
        x, y = self.at_stage(batch.x), batch.y
        fake = self._draw(y)[1] if any(self.penalties[name].needs_samples for name in names) else x[:0]
        losses: Losses = {}
        for name, penalty in self.penalties.items():
            if name in names:
                losses[name] = penalty(self.logits, x, fake, y)
        return losses

    @cached()
    def generator_losses(self, batch: Batch) -> Losses:
        """Make the critic take fresh samples for real; real ones are scored only for a loss that compares."""
        real, times = self.at_stage(batch.x), self.generator_batches
        y = batch.y.repeat(times)
        z = self.prior.sample(len(y), self.latent_dim, self.device)
        fake = self.generate(z, y)
        if self.moves == "at_once":
            self._drawn.append((z, fake.detach()))
        fake_logits, of_fake = self.logits_and_predictions(fake, y)
        real_logits = self.logits(real, batch.y).repeat(times) if self.loss.compares else None
        losses = {"adversarial": self.loss.generator(fake_logits, real_logits)}
        losses |= self.generator_terms(of_fake, y, z)
        for name, change in self.latent_penalties.items():
            losses[name] = change.generator(self.generate, z, y)
        for name, penalty in self.weight_penalties.items():
            losses[name] = penalty(self.generator)
        return losses | self.judges(fake, real, y)

    def at_stage(self, x: Tensor) -> Tensor:
        """Give data (B, *shape) at the resolution that growing networks have reached; the data itself to others."""
        return self.stages.seen(x)

    def full_size(self, x: Tensor) -> Tensor:
        """Give what the generator makes as samples (B, *shape) in [-1, 1], whatever resolution it has reached.

        Samples of generators without a bound are clipped.
        """
        return self.generator.shown(x) if isinstance(self.generator, Growing) else x.clamp(-1, 1)

    def generate(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Map latents to samples at the generator's resolution, as float32 also under autocast."""
        return self.generator(z, y).float()

    @property
    def style_scales(self) -> int:
        """Scales that have a part of the latent of their own; 0 where all share it, as a rule."""
        return len(self.generator.latent_chunks) if isinstance(self.generator, ByScale) else 0

    def mix(self, z: Tensor, other: Tensor, taken: slice, y: Tensor | None = None) -> Tensor:
        """Give samples (B, *shape) in [-1, 1] of latents z (B, D), with the scales `taken` of others (B, D)."""
        assert isinstance(self.generator, ByScale)
        z = z.clone()
        for part in self.generator.latent_chunks[taken]:
            z[:, part] = other[:, part]
        return self.full_size(self.generate(z, y))

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,) of samples (B, *shape) in [-1, 1] at the resolution that it has reached."""
        return self.logits(self.at_stage(x), y)

    def logits(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,), of augmented samples in training, as float32 also under autocast."""
        return self.discriminator(self._augmented(x), y).float()

    def logits_and_predictions(self, x: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor]:
        """Give the critic's logits (B,) and its predictions (B, K), of one pass; K is 0 where it predicts nothing."""
        x = self._augmented(x)
        if not isinstance(self.discriminator, HasPredictions):
            logits = self.discriminator(x, y).float()
            return logits, logits.new_empty(len(x), 0)
        logits, predictions = self.discriminator.logits_and_predictions(x, y)
        return logits.float(), predictions.float()

    def _augmented(self, x: Tensor) -> Tensor:
        return self.augment(x) if self.augment is not None and self.training else x
