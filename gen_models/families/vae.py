"""Kingma and Welling (2014): Auto-encoding variational Bayes."""

from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.losses.divergence import kl_to_standard_normal
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.heads import Body


class VAE(GenerativeModel):
    """An encoder to a Gaussian over latents, and a decoder; one player minimises the negative ELBO in nats.

    Args:
        encoder: A body: samples and classes to features.
        decoder: Latents (B, latent_dim) and classes to what `loss` reads.
        loss: Negative log-likelihood of a sample given the decoder's output.
        latent_dim: Size of a latent.
        beta: Weight of the KL term; 1 is the evidence bound.
        training: Options of the engine.
    """

    def __init__(
        self,
        encoder: Body,
        decoder: nn.Module,
        loss: Reconstruction,
        latent_dim: int,
        beta: float = 1.0,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.encoder = encoder
        self.to_posterior = nn.Linear(encoder.num_features, 2 * latent_dim)
        self.decoder = decoder
        self.loss = loss
        self.latent_dim = latent_dim
        self.beta = beta

    def players(self) -> tuple[Player, ...]:
        """One player: encoder and decoder want the same."""
        return (Player("vae", [self.encoder, self.to_posterior, self.decoder], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Equation 10 with one sample of the latent: sums over dimensions, means over the batch."""
        mean, log_variance = self.posterior(batch.x, batch.y)
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        distortion = self.loss(self.decoder(z, batch.y).float(), batch.x).mean()
        rate = kl_to_standard_normal(mean, log_variance).mean()
        self.note("negative_elbo", distortion + rate)
        return {"distortion": distortion, "rate": self.beta * rate}

    def posterior(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x), each (B, latent_dim)."""
        mean, log_variance = self.to_posterior(self.encoder(x, y)).float().chunk(2, dim=1)
        return mean, log_variance

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the posterior's means (B, latent_dim)."""
        return self.posterior(x, y)[0]

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that latents stand for."""
        return self.loss.image(self.decoder(z, y).float())

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Decode the posterior's mean."""
        return self.decode(self.encode(x, y), y)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents from N(0, 1) and decode them to (n, *shape) in [-1, 1]."""
        return self.decode(torch.randn(n, self.latent_dim, device=self.device), self.labels(n, y))
