"""Autoencoders whose codes have no noise: what AE and AAE share."""

from typing import Unpack

from torch import Tensor, nn

from gen_models.core.model import GenerativeModel
from gen_models.core.training import Training
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.critics.heads import Body


class Autoencoder(GenerativeModel):
    """Autoencoder: an encoder to codes and a decoder back (Hinton and Salakhutdinov 2006).

    https://doi.org/10.1126/science.1127647.

    Args:
        encoder: Backbone: samples and classes to features.
        decoder: Codes (B, latent_dim) and classes to what `loss` reads.
        loss: Distance of a sample from the decoder's output.
        latent_dim: Size of a code.
        training: Options of the engine.
    """

    def __init__(
        self, encoder: Body, decoder: nn.Module, loss: Reconstruction, latent_dim: int, **training: Unpack[Training]
    ) -> None:
        super().__init__(**training)
        self.encoder = encoder
        self.to_code = encoder.readout(latent_dim)
        self.decoder = decoder
        self.loss = loss

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the codes (B, latent_dim)."""
        return self.to_code(self.encoder(x, y)).float()

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that codes stand for."""
        return self.loss.image(self.decoder(z, y).float())

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Encode and decode."""
        return self.decode(self.encode(x, y), y)
