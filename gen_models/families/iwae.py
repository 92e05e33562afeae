"""Importance-weighted autoencoders, IWAE (Burda et al. 2016, https://arxiv.org/abs/1509.00519)."""

import math
from typing import Unpack

from torch import Tensor

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.families.variational import Coding, VariationalAutoencoder


class IWAE(VariationalAutoencoder):
    """Importance-weighted autoencoder: a VAE's networks, trained by the tighter bound of several draws of the latent.

    Args:
        draws: Latents an item and turn, k in the paper; with 1 it is a VAE whose divergence is estimated.
        coding: Networks, loss and size of a latent, and options of the engine.

    Raises:
        UsageError: The model is conditional and the data has no classes.
    """

    def __init__(self, *, draws: Positive = 50, **coding: Unpack[Coding]) -> None:
        super().__init__(**coding)
        self.draws = draws

    def players(self) -> tuple[Player, ...]:
        """One player: encoder and decoder want the same."""
        return (self.player("iwae"),)

    def losses(self, batch: Batch) -> Losses:
        """Equation 8, negative: minus the logarithm of the mean of k weights p(x, z) / q(z | x), a mean over the batch.

        Its gradient is equation 13's: the weights' own gradients, by their shares.
        """
        log_weights = self.log_weights(batch.x, batch.y)
        self.note("negative_elbo", -log_weights.mean())
        return {"negative_bound": (math.log(self.draws) - log_weights.logsumexp(0)).mean()}

    def log_weights(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logarithms (draws, B) of the weights, in nats: one pass of the encoder, one of the decoder."""
        mean, log_variance = (half.repeat(self.draws, 1) for half in self.posterior(x, y))
        copies = x.repeat(self.draws, *[1] * (x.dim() - 1))
        classes = None if y is None else y.repeat(self.draws)
        return self.log_weight(copies, classes, mean, log_variance).unflatten(0, (self.draws, len(x)))
