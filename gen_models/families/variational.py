"""Autoencoders with a Gaussian posterior and a standard normal prior: what VAE, IWAE and VAE/GAN share.

Kingma and Welling (2014), https://arxiv.org/abs/1312.6114.
"""

from abc import abstractmethod
from typing import Required, Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.families.parts.marginals import begin_at_mean
from gen_models.losses.bound import importance_weighted
from gen_models.losses.reconstruction import Likelihood
from gen_models.networks.critics.heads import Body


class GaussianCodes(GenerativeModel):
    """Model whose codes have a normal prior and, given a sample, a Gaussian posterior by an encoder.

    Attributes:
        encoder: Backbone: samples and classes to features.
        to_posterior: Features to means and log-variances.
        latent_dim: Size of a code.
    """

    encoder: Body
    to_posterior: nn.Linear
    latent_dim: int

    def posterior(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x), each (B, latent_dim)."""
        mean, log_variance = self.to_posterior(self.encoder(x, y)).float().chunk(2, dim=1)
        return mean, log_variance

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the posterior's means (B, latent_dim)."""
        return self.posterior(x, y)[0]

    @abstractmethod
    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that latents stand for."""

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Decode the posterior's mean."""
        return self.decode(self.encode(x, y), y)

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents (n, latent_dim) from the prior, N(0, 1)."""
        return torch.randn(n, self.latent_dim, device=self.device)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents from the prior and decode them to (n, *shape) in [-1, 1]."""
        return self.decode(self.draw_codes(n), self.labels(n, y))


class Coding(Training, total=False):
    """What every autoencoder with a Gaussian posterior is made of, and how it is trained.

    Attributes:
        encoder: Backbone: samples and classes to features.
        decoder: Latents (B, latent_dim) and classes to what `loss` reads.
        loss: Negative log-likelihood of a sample given the decoder's output.
        latent_dim: Size of a latent.
        conditional: Insist on data with classes.
    """

    encoder: Required[Body]
    decoder: Required[nn.Module]
    loss: Required[Likelihood]
    latent_dim: Required[int]
    conditional: bool


class VariationalAutoencoder(GaussianCodes):
    """Latent variable model with p(z) = N(0, 1) and q(z | x) = N(mean, variance) by an encoder; a loss is its bound.

    With networks conditioned on the class it models p(x | y).

    Args:
        encoder: As all of these, see `Coding`.
        decoder: The same.
        loss: The same.
        latent_dim: The same.
        conditional: The same.
        training: Options of the engine.

    Raises:
        UsageError: The model is conditional and the data has no classes.
    """

    def __init__(
        self,
        encoder: Body,
        decoder: nn.Module,
        loss: Likelihood,
        latent_dim: int,
        conditional: bool = False,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.encoder = encoder
        self.to_posterior = encoder.readout(2 * latent_dim)
        self.decoder = decoder
        self.loss = loss
        self.latent_dim = latent_dim
        if conditional:
            self.insist_on_classes()

    def prepare(self, source: Source) -> None:
        """Let a decoder that asks for it begin at the mean of the data, once in a run."""
        super().prepare(source)
        begin_at_mean(self, self.decoder, source)

    def player(self, name: str) -> Player:
        """Give the only player: encoder and decoder want the same."""
        return Player(name, [self.encoder, self.to_posterior, self.decoder, self.loss], self.losses)

    @abstractmethod
    def losses(self, batch: Batch) -> Losses:
        """Give what is minimised: the negative of a bound on log p(x), a mean over the batch in nats."""

    @property
    def levels(self) -> int | None:
        """Levels of a pixel that the bound is about, as the loss has them."""
        return self.loss.levels

    @property
    def likelihood_rule(self) -> str:
        """The evidence bound."""
        return "bound"

    @torch.no_grad()
    def log_bound(self, x: Tensor, y: Tensor | None = None, draws: int = 1) -> Tensor:
        """Logarithm (B,) of the mean of p(x, z) / q(z | x) over draws of z, in nats.

        Raises:
            UsageError: There is no draw.
        """
        posterior = self.posterior(x, y)
        return importance_weighted(lambda: self.log_weight(x, y, *posterior), draws)

    def log_weight(self, x: Tensor, y: Tensor | None, mean: Tensor, log_variance: Tensor) -> Tensor:
        """Draw z from q and give log p(x | z) + log p(z) - log q(z | x), (B,)."""
        noise = torch.randn_like(mean)
        z = mean + noise * (0.5 * log_variance).exp()
        prior_to_posterior = 0.5 * (noise.square() + log_variance - z.square()).sum(1)
        return prior_to_posterior - self.loss(self.decoder(z, y).float(), x)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that latents stand for."""
        return self.loss.image(self.decoder(z, y).float())


def drawn(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Draw from N(mean, exp(log_variance)), differentiably."""
    return mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
