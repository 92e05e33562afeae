"""Makhzani et al. (2015): Adversarial autoencoders."""

from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.heads import Body
from gen_models.priors import Prior


class AAE(GenerativeModel):
    """An autoencoder whose codes a critic can't tell from draws of a prior (section 2).

    Three players move in each turn: the autoencoder reconstructs (the paper's reconstruction phase); the critic tells
    draws of the prior from codes, and the encoder, as the generator of codes, deceives it (the regularisation phase).

    Args:
        encoder: A body: samples and classes to features.
        decoder: Codes (B, latent_dim) and classes to what `loss` reads.
        critic: Codes to logits (B,).
        loss: Distance of a sample from the decoder's output.
        adversarial: What the critic and the encoder minimise.
        prior: What codes should look like.
        latent_dim: Size of a code.
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
        super().__init__(**training)
        self.encoder = encoder
        self.to_code = nn.Linear(encoder.num_features, latent_dim)
        self.decoder = decoder
        self.critic = critic
        self.loss = loss
        self.adversarial = adversarial
        self.prior = prior
        self.latent_dim = latent_dim

    def players(self) -> tuple[Player, ...]:
        """The autoencoder, the critic of codes, and the encoder against it."""
        return (
            Player("autoencoder", [self.encoder, self.to_code, self.decoder], self.autoencoder_losses),
            Player("critic", [self.critic], self.critic_losses),
            Player("encoder", [self.encoder, self.to_code], self.encoder_losses),
        )

    def autoencoder_losses(self, batch: Batch) -> Losses:
        """Reconstruct; the mean over dimensions keeps the step size independent of the sample's size."""
        raw = self.decoder(self.encode(batch.x, batch.y), batch.y).float()
        return {"reconstruction": self.loss(raw, batch.x).mean() / batch.x[0].numel()}

    def critic_losses(self, batch: Batch) -> Losses:
        """Tell draws of the prior (real) from codes (fake), with no graph through the encoder."""
        with torch.no_grad():
            code = self.encode(batch.x, batch.y)
        drawn = self.prior.sample(len(code), self.latent_dim, self.device)
        return {"adversarial": self.adversarial.critic(self.critic(drawn).float(), self.critic(code).float())}

    def encoder_losses(self, batch: Batch) -> Losses:
        """Make the critic take codes for draws of the prior."""
        return {"adversarial": self.adversarial.generator(self.critic(self.encode(batch.x, batch.y)).float())}

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the codes (B, latent_dim)."""
        return self.to_code(self.encoder(x, y)).float()

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that codes stand for."""
        return self.loss.image(self.decoder(z, y).float())

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Encode and decode."""
        return self.decode(self.encode(x, y), y)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw codes from the prior and decode them to (n, *shape) in [-1, 1]."""
        return self.decode(self.prior.sample(n, self.latent_dim, self.device), self.labels(n, y))
