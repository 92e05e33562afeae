"""Autoencoders (Hinton and Salakhutdinov 2006), also denoising ones (Vincent et al. 2008)."""

from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.augment.corruption import Corruption
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.running import RunningGaussian


class AE(GenerativeModel):
    """Autoencoder: an encoder to codes and a decoder back, sampled by a Gaussian fitted to the codes.

    The Gaussian has the exponential moving mean and covariance of the codes of training batches.

    Args:
        encoder: Backbone: samples and classes to features.
        decoder: Codes (B, latent_dim) and classes to what `loss` reads.
        loss: Distance of a sample from the decoder's output.
        latent_dim: Size of a code.
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
        super().__init__(**training)
        self.encoder = encoder
        self.to_code = nn.Linear(encoder.num_features, latent_dim)
        self.decoder = decoder
        self.loss = loss
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
        """Draw codes from the running Gaussian and decode them to (n, *shape) in [-1, 1]."""
        return self.decode(self.density.sample(n), self.labels(n, y))
