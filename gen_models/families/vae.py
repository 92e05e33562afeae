"""Variational autoencoders (Kingma and Welling 2014, https://arxiv.org/abs/1312.6114)."""

from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.interface import mean_item
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.losses.bound import importance_weighted
from gen_models.losses.divergence import free_bits, kl_by_dimension
from gen_models.losses.reconstruction import Likelihood
from gen_models.networks.critics.heads import Body
from gen_models.networks.marginals import BeginsAtMean


class VAE(GenerativeModel):
    """Variational autoencoder: Gaussian posterior, standard normal prior, trained by the negative ELBO in nats.

    With networks conditioned on the class it is the conditional VAE, whose latents keep what the class does not say.

    Args:
        encoder: Backbone: samples and classes to features.
        decoder: Latents (B, latent_dim) and classes to what `loss` reads.
        loss: Negative log-likelihood of a sample given the decoder's output.
        latent_dim: Size of a latent.
        beta: Weight of the KL term; 1 is the evidence bound (Higgins et al. 2017).
        warm_up: Images over which the weight rises linearly from 0 to `beta` (Bowman et al. 2016).
        free_bits: Nats that each latent dimension carries at no cost (Kingma et al. 2016).
        conditional: Insist on data with classes.
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
        beta: float = 1.0,
        warm_up: int = 0,
        free_bits: float = 0.0,
        conditional: bool = False,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.encoder = encoder
        self.to_posterior = nn.Linear(encoder.num_features, 2 * latent_dim)
        encoder.begin(self.to_posterior)
        self.decoder = decoder
        self.loss = loss
        self.latent_dim = latent_dim
        self.beta = beta
        self.warm_up = warm_up
        self.free_bits = free_bits
        if conditional and not self.classes:
            raise UsageError(
                "this model is told the class, and the data has none: "
                "docs/data.md says what makes classes of each set, and data.labelled hides them."
            )

    def prepare(self, source: Source) -> None:
        """Let a decoder that asks for it begin at the mean of the data, once in a run."""
        super().prepare(source)
        if isinstance(self.decoder, BeginsAtMean) and self.clock.turn == 0:
            self.decoder.begin_at(mean_item(source.train))

    def players(self) -> tuple[Player, ...]:
        """One player: encoder and decoder want the same."""
        return (Player("vae", [self.encoder, self.to_posterior, self.decoder, self.loss], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Equation 10 with one sample of the latent: sums over dimensions, means over the batch."""
        mean, log_variance = self.posterior(batch.x, batch.y)
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        distortion = self.loss(self.decoder(z, batch.y).float(), batch.x).mean()
        kl = kl_by_dimension(mean, log_variance)
        rate = kl.sum(1).mean()
        self.note("rate", rate)
        self.note("negative_elbo", distortion + rate)
        return {"distortion": distortion, "weighted_rate": self.weight() * free_bits(kl, self.free_bits)}

    def weight(self) -> float:
        """Give β as it is now."""
        return self.beta * min(1.0, self.clock.images / self.warm_up) if self.warm_up else self.beta

    def posterior(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x), each (B, latent_dim)."""
        mean, log_variance = self.to_posterior(self.encoder(x, y)).float().chunk(2, dim=1)
        return mean, log_variance

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
        return importance_weighted(lambda: self._log_weight(x, y, *posterior), draws)

    def _log_weight(self, x: Tensor, y: Tensor | None, mean: Tensor, log_variance: Tensor) -> Tensor:
        """Draw z from q and give log p(x | z) + log p(z) - log q(z | x), (B,)."""
        noise = torch.randn_like(mean)
        z = mean + noise * (0.5 * log_variance).exp()
        prior_to_posterior = 0.5 * (noise.square() + log_variance - z.square()).sum(1)
        return prior_to_posterior - self.loss(self.decoder(z, y).float(), x)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the posterior's means (B, latent_dim)."""
        return self.posterior(x, y)[0]

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that latents stand for."""
        return self.loss.image(self.decoder(z, y).float())

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
