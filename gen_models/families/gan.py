"""Generative adversarial networks (Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661).

Also every later one that differs in its networks, its loss, its penalties or another of its parts only.
"""

from dataclasses import replace
from typing import Annotated, Unpack

from torch import Tensor

from gen_models.bounds import AtLeast
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.game_from_latents import GameFromLatents
from gen_models.families.parts.marginals import begin_at_mean
from gen_models.families.parts.two_player import Parts
from gen_models.latents.priors import Prior
from gen_models.losses.auxiliary import ClassLoss
from gen_models.media.pixels import dequantised
from gen_models.networks.critics.heads import HasPredictions


class GAN(GameFromLatents):
    """Generative adversarial network: a generator and a critic, which may be an auxiliary classifier too.

    Args:
        prior: What latents are drawn from in training.
        class_loss: Cross-entropy of the class that the critic predicts, of data for the critic, of samples for the
            generator (AC-GAN: Odena et al. 2017, https://arxiv.org/abs/1610.09585).
        sampling: What latents are drawn from in sampling; None takes `prior` (truncation: Brock et al. 2019).
        conditional: Insist on data with classes.
        dequantise: Levels of a pixel, within whose bins data get uniform noise before they are judged; None for none.
        options: Each of `Parts`.

    Raises:
        UsageError: A part needs what the data, or another part, does not have.
    """

    def __init__(
        self,
        prior: Prior,
        class_loss: ClassLoss | None = None,
        sampling: Prior | None = None,
        conditional: bool = False,
        dequantise: Annotated[int, AtLeast(2)] | None = None,
        **options: Unpack[Parts],
    ) -> None:
        super().__init__(prior, sampling, **options)
        self.class_loss = class_loss
        self.dequantise = dequantise
        if conditional:
            self.insist_on_classes()
        if class_loss is not None and not isinstance(self.discriminator, HasPredictions):
            raise UsageError("model.class_loss needs a critic that predicts classes: choose network=dcgan_classifier.")

    def prepare(self, source: Source) -> None:
        """Let a generator that asks for it begin at the mean of the data, once in a run."""
        super().prepare(source)
        begin_at_mean(self, self.generator, source)

    def players(self) -> tuple[Player, ...]:
        """The critic and the generator, who see data dequantised where that is asked for."""
        return tuple(replace(player, before=self._dequantised) for player in super().players())

    def _dequantised(self, batch: Batch) -> Batch:
        return batch if self.dequantise is None else batch._replace(x=dequantised(batch.x, self.dequantise))

    def critic_terms(self, of_real: Tensor, of_fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Classify data, and samples if these count too."""
        losses = self._class_term(of_real, y)
        if self.class_loss is not None and self.class_loss.guessed == "both":
            losses["class_of_samples"] = self.class_loss(of_fake, y)
        return losses

    def generator_terms(self, of_fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Make samples that are classified as what they should be."""
        return self._class_term(of_fake, y)

    def _class_term(self, class_logits: Tensor, y: Tensor) -> Losses:
        return {} if self.class_loss is None else {"class": self.class_loss(class_logits, y)}

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents (n, latent_dim)."""
        return self.latents(n)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of latents (B, latent_dim), of even classes where none are given."""
        return self.full_size(self.generate(z, self.labels(len(z)) if y is None else y))
