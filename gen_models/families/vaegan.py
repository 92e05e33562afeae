"""VAE/GAN: an autoencoder with a learned similarity metric (Larsen et al. 2016, https://arxiv.org/abs/1512.09300)."""

from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.bounds import Scale, Weight
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.families.parts.balance import BalanceGate
from gen_models.families.variational import GaussianCodes, drawn
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.divergence import kl_to_standard_normal
from gen_models.networks.autoencoders.vaegan import Tapped
from gen_models.networks.critics.heads import Body


class VAEGAN(GaussianCodes):
    """VAE whose decoder is a GAN's generator, with the reconstruction error taken in features of the GAN's critic.

    Algorithm 1: the encoder minimises distortion and rate, without the adversarial loss; the decoder minimises the
    distortion and the adversarial loss; the critic minimises the adversarial loss alone.

    Args:
        encoder: Backbone: samples and classes to features.
        decoder: Latents (B, latent_dim) and classes to samples in [-1, 1].
        discriminator: Samples and classes to features and logits.
        loss: What decoder and critic minimise in their game, given logits.
        latent_dim: Size of a latent.
        gamma: γ, the decoder's weight of the distortion (a mean over features) beside the adversarial loss.
        variance: Assumed variance of a feature given the code, relative to its variance over all that the critic is
            shown beside it in that move; larger values lower the rate.
        judge_reconstructions: The critic takes reconstructions for generated ones too, not only samples (section 2.3).
        gate: Skips the critic's or the decoder's update where it is too strong; None lets both move in each turn.
        training: Options of the engine.

    Raises:
        UsageError: The critic does not show its features.
    """

    def __init__(
        self,
        encoder: Body,
        decoder: nn.Module,
        discriminator: nn.Module,
        loss: Adversarial,
        latent_dim: int,
        gamma: Weight = 1.0,
        variance: Scale = 1.0,
        judge_reconstructions: bool = True,
        gate: BalanceGate | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        if not isinstance(discriminator, Tapped):
            raise UsageError("this model compares samples in the critic's features: choose network=vaegan.")
        self.encoder = encoder
        self.to_posterior = encoder.readout(2 * latent_dim)
        self.decoder = decoder
        self.discriminator = discriminator
        self.loss = loss
        self.latent_dim = latent_dim
        self.gamma = gamma
        self.variance = variance
        self.judge_reconstructions = judge_reconstructions
        self.gate = gate

    def players(self) -> tuple[Player, ...]:
        """Encoder, decoder and critic, as in Algorithm 1."""
        return (
            Player("encoder", [self.encoder, self.to_posterior], self.encoder_losses),
            Player("decoder", [self.decoder], self.decoder_losses),
            Player("critic", [self.discriminator], self.critic_losses),
        )

    def on_turn_start(self) -> None:
        """Let the gate decide who moves, by the last turn."""
        if self.gate is not None:
            self.gate.decide()

    def encoder_losses(self, batch: Batch) -> Losses:
        """The negative ELBO of the features, in nats and but for a constant; no adversarial loss."""
        mean, log_variance = self.posterior(batch.x, batch.y)
        restored = self.decode(drawn(mean, log_variance), batch.y)
        rate = kl_to_standard_normal(mean, log_variance).mean()
        error = distortion(*self.compared(batch.x, restored, batch.y)).sum(1).mean()
        return {"distortion": error / self.variance, "rate": rate}

    def decoder_losses(self, batch: Batch) -> Losses:
        """Distortion in the critic's features, and the adversarial loss."""
        if self.gate is not None and not self.gate.generator_moves:
            return {}
        real, fake = self.play(batch)
        game = self.loss.generator(fake, real if self.loss.compares else None)
        restored = self.decode(self.codes_of(batch), batch.y)
        error = distortion(*self.compared(batch.x, restored, batch.y)).mean()
        return {"distortion": self.gamma * error, "adversarial": game}

    def critic_losses(self, batch: Batch) -> Losses:
        """Tell real samples from generated ones; the gate observes even the moves that it forbids."""
        real, fake = self.play(batch)
        self.note("real", real.mean())
        self.note("fake", fake.mean())
        if self.gate is not None:
            self.gate.observe(real, fake)
            if not self.gate.critic_moves:
                return {}
        return {"adversarial": self.loss.critic(real, fake)}

    def codes_of(self, batch: Batch) -> Tensor:
        """Draw codes (B, latent_dim) of samples, with no graph through the encoder."""
        with torch.no_grad():
            return drawn(*self.posterior(batch.x, batch.y))

    def compared(self, x: Tensor, restored: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Give the critic's features (B, F) of samples and of their reconstructions, in one pass."""
        features = self.discriminator.features(torch.cat([x, restored]), y.repeat(2))
        original, understood = features.float().chunk(2)
        return original, understood

    def play(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Give as many logits of real samples as of draws and, where they are judged, reconstructions."""
        size = len(batch.x)
        codes = self.draw_codes(size)
        if self.judge_reconstructions:
            codes = torch.cat([codes, self.codes_of(batch)])
        fake = self.decode(codes, batch.y.repeat(len(codes) // size))
        logits = self.discriminator(torch.cat([batch.x, fake]), batch.y.repeat(1 + len(codes) // size)).float()
        return logits[:size].repeat(len(codes) // size), logits[size:]

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,)."""
        return self.discriminator(x, y).float()

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that latents stand for."""
        return self.decoder(z, y).float()


def distortion(original: Tensor, restored: Tensor) -> Tensor:
    """Negative log-density (B, F) of each feature under N(original, 1), but for a constant."""
    return 0.5 * (restored - original).square()
