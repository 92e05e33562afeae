"""Adversarial autoencoders (Makhzani et al. 2015, https://arxiv.org/abs/1511.05644)."""

from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.families.autoencoder import Autoencoder
from gen_models.families.parts.dimensions import per_dimension
from gen_models.latents.priors import Prior
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.critics.heads import Body


class AAE(Autoencoder):
    """Adversarial autoencoder: codes that a critic can't tell from draws of a prior (section 2).

    The autoencoder reconstructs; the critic tells draws of the prior from codes, and the encoder deceives it. A critic
    conditioned on the class ties each class to its part of the prior (section 2.3).

    Args:
        encoder: As of every `Autoencoder`.
        decoder: The same.
        critic: Codes, and classes if it is conditioned on them, to logits (B,).
        loss: The same.
        adversarial: What the critic and the encoder minimise.
        prior: What codes should look like.
        latent_dim: The same.
        training: Options of the engine.
    """

    def __init__(
        self,
        encoder: Body,
        decoder: nn.Module,
        critic: nn.Module,
        loss: Reconstruction,
        adversarial: Adversarial,
        prior: Prior,
        latent_dim: int,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(encoder, decoder, loss, latent_dim, **training)
        self.critic = critic
        self.adversarial = adversarial
        self.prior = prior
        self.latent_dim = latent_dim
        prior.sample(0, latent_dim, self.device)  # refuses a size that it can't draw now

    def players(self) -> tuple[Player, ...]:
        """The autoencoder, the critic of codes, and the encoder against it."""
        return (
            Player("autoencoder", [self.encoder, self.to_code, self.decoder, self.loss], self.autoencoder_losses),
            Player("critic", [self.critic], self.critic_losses),
            Player("encoder", [self.encoder, self.to_code], self.encoder_losses),
        )

    def autoencoder_losses(self, batch: Batch) -> Losses:
        """Reconstruct, by the error per dimension."""
        raw = self.decoder(self.encode(batch.x, batch.y), batch.y).float()
        return {"reconstruction": per_dimension(self.loss(raw, batch.x), batch.x)}

    def critic_losses(self, batch: Batch) -> Losses:
        """Tell draws of the prior (real) from codes (fake), with no graph through the encoder."""
        with torch.no_grad():
            code = self.encode(batch.x, batch.y)
        real, fake = (self.critic(z, batch.y).float() for z in (self.draw_codes(len(code), batch.y), code))
        return {"adversarial": self.adversarial.critic(real, fake)}

    def encoder_losses(self, batch: Batch) -> Losses:
        """Make the critic take codes for draws of the prior."""
        logits = self.critic(self.encode(batch.x, batch.y), batch.y).float()
        return {"adversarial": self.adversarial.generator(logits)}

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw codes (n, latent_dim) from the prior: of the classes `y`, if the critic is conditioned on them."""
        return self.prior.sample(n, self.latent_dim, self.device, y if self.critic.classes else None)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw codes from the prior and decode them to (n, *shape) in [-1, 1]."""
        y = self.labels(n, y)
        return self.decode(self.draw_codes(n, y), y)
