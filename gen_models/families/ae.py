"""Autoencoders (Hinton and Salakhutdinov 2006, https://doi.org/10.1126/science.1127647).

Also denoising ones (Vincent et al. 2008, https://doi.org/10.1145/1390156.1390294).
"""

from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.augment.corruption import Corruption
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.families.autoencoder import Autoencoder
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.running import RunningGaussian


class AE(Autoencoder):
    """Autoencoder that is sampled by a Gaussian fitted to its codes.

    The Gaussian has the exponential moving mean and covariance of the codes of training batches.

    Args:
        encoder: As of every `Autoencoder`.
        decoder: The same.
        loss: The same.
        latent_dim: The same.
        corruption: Of the encoder's input in training (denoising autoencoder); the clean sample stays the target.
        training: Options of the engine.
    """

    def __init__(
        self,
        encoder: Body,
        decoder: nn.Module,
        loss: Reconstruction,
        latent_dim: int,
        corruption: Corruption | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(encoder, decoder, loss, latent_dim, **training)
        self.corruption = corruption
        self.density = RunningGaussian(latent_dim)

    def players(self) -> tuple[Player, ...]:
        """One player: encoder and decoder want the same."""
        return (Player("ae", [self.encoder, self.to_code, self.decoder, self.loss], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Reconstruction error of the clean sample: a sum over dimensions, a mean over the batch."""
        x = batch.x if self.corruption is None else self.corruption(batch.x)
        code = self.encode(x, batch.y)
        self.density.observe(code.detach())
        return {"reconstruction": self.loss(self.decoder(code, batch.y).float(), batch.x).mean()}

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw codes from the running Gaussian and decode them to (n, *shape) in [-1, 1]."""
        return self.decode(self.density.sample(n), self.labels(n, y))
