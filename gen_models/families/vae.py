"""Variational autoencoders (Kingma and Welling 2014, https://arxiv.org/abs/1312.6114)."""

from typing import Unpack

from gen_models.bounds import Natural, Weight
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.families.variational import Coding, VariationalAutoencoder, drawn
from gen_models.losses.divergence import free_bits, kl_by_dimension


class VAE(VariationalAutoencoder):
    """Variational autoencoder: Gaussian posterior, standard normal prior, trained by the negative ELBO in nats.

    With networks conditioned on the class it is the conditional VAE, whose latents keep what the class does not say.

    Args:
        beta: Weight of the KL term; 1 is the evidence bound (Higgins et al. 2017).
        warm_up: Images over which the weight rises linearly from 0 to `beta` (Bowman et al. 2016).
        free_bits: Nats that each latent dimension carries at no cost (Kingma et al. 2016).
        coding: Networks, loss and size of a latent, and options of the engine.

    Raises:
        UsageError: The model is conditional and the data has no classes.
    """

    def __init__(
        self, *, beta: Weight = 1.0, warm_up: Natural = 0, free_bits: Weight = 0.0, **coding: Unpack[Coding]
    ) -> None:
        super().__init__(**coding)
        self.beta = beta
        self.warm_up = warm_up
        self.free_bits = free_bits

    def players(self) -> tuple[Player, ...]:
        """One player: encoder and decoder want the same."""
        return (self.player("vae"),)

    def losses(self, batch: Batch) -> Losses:
        """Equation 10 with one sample of the latent: sums over dimensions, means over the batch."""
        mean, log_variance = self.posterior(batch.x, batch.y)
        z = drawn(mean, log_variance)
        distortion = self.loss(self.decoder(z, batch.y).float(), batch.x).mean()
        kl = kl_by_dimension(mean, log_variance)
        rate = kl.sum(1).mean()
        self.note("rate", rate)
        self.note("negative_elbo", distortion + rate)
        return {"distortion": distortion, "weighted_rate": self.weight() * free_bits(kl, self.free_bits)}

    def weight(self) -> float:
        """Give β as it is now."""
        return self.beta * min(1.0, self.clock.images / self.warm_up) if self.warm_up else self.beta
