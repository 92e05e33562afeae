"""Goodfellow et al. (2014): Generative adversarial nets, and every two-player game that differs in its parts only."""

from typing import Unpack

import torch
from torch import Tensor

from gen_models.core.player import Losses
from gen_models.data.interface import mean_item
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.game import Game, Parts
from gen_models.latents.priors import Prior, Truncates
from gen_models.losses.auxiliary import ClassLoss
from gen_models.networks.critics.heads import Guesses
from gen_models.networks.gan.gran import Unrolls
from gen_models.networks.gan.sigmoid import BeginsAtMean
from gen_models.networks.layers.statistics import standing_statistics


class GAN(Game):
    """A generator and a critic that may guess the class.

    Args:
        prior: What latents are drawn from in training.
        class_loss: Makes the critic guess the class, and the generator draw what is guessed (Odena et al. 2017).
        sampling: What latents are drawn from in sampling; None takes `prior` (truncation: Brock et al. 2019).
        conditional: Insist on data with classes.
        parts: The other parts of the game.

    Raises:
        UsageError: A part needs what the data, or another part, does not have.
    """

    def __init__(
        self,
        prior: Prior,
        class_loss: ClassLoss | None = None,
        sampling: Prior | None = None,
        conditional: bool = False,
        **parts: Unpack[Parts],
    ) -> None:
        super().__init__(prior=prior, **parts)
        self.class_loss = class_loss
        self.sampling = sampling or prior
        if conditional and not self.classes:
            raise UsageError(
                "this model draws a class on demand, and the data has none: "
                "choose one by data.label=…, or leave data.labelled out."
            )
        if class_loss is not None and not isinstance(self.discriminator, Guesses):
            raise UsageError("model.class_loss needs a critic that guesses the class: choose network=dcgan_classifier.")

    def prepare(self, source: Source) -> None:
        """Let a generator that asks for it begin at the mean of the data, once in a run."""
        super().prepare(source)
        if isinstance(self.generator, BeginsAtMean) and self.clock.turn == 0:
            self.generator.begin_at(mean_item(source.train))

    def critic_terms(self, real: Tensor | None, fake: Tensor | None, y: Tensor, z: Tensor) -> Losses:
        """Guess the class of data, and of samples."""
        losses = self._guessed(real, y)
        if self.class_loss is not None and self.class_loss.guessed == "both" and fake is not None:
            losses["class_of_samples"] = self.class_loss(fake, y)
        return losses

    def generator_terms(self, fake: Tensor | None, y: Tensor, z: Tensor) -> Losses:
        """Draw what is guessed to be of the class."""
        return self._guessed(fake, y)

    def _guessed(self, guess: Tensor | None, y: Tensor) -> Losses:
        return {} if self.class_loss is None or guess is None else {"class": self.class_loss(guess, y)}

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw and give the pictures (T, n, *shape) in [-1, 1] after each step of the generator; most have one."""
        z, y = self.draw_codes(n), self.labels(n, y)
        if isinstance(self.generator, Unrolls):
            return self.generator.unroll(z, y).float()
        return self.draw(z, y).unsqueeze(0)

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]."""
        return self.trajectory(n, y)[-1]

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents (n, latent_dim)."""
        return self.sampling.sample(n, self.latent_dim, self.device)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that latents stand for, of even classes where none are given."""
        return self.draw(z, self.labels(len(z)) if y is None else y)

    def truncate(self, limit: float, passes: int) -> None:
        """Sample truncated latents, with standing statistics of 64 samples a pass (Brock et al. 2019, section 3.1).

        Raises:
            UsageError: The prior can't be truncated.
        """
        if not isinstance(self.prior, Truncates):
            raise UsageError(
                f"latents from {type(self.prior).__name__} have no middle to be truncated to: leave it out."
            )
        self.sampling = self.prior.truncated(limit)
        standing_statistics(self.generator, lambda: self.sample(64), passes)
