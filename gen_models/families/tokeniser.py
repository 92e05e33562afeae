"""Tokenisers: autoencoders whose codes are a small grid of tokens."""

from abc import abstractmethod
from math import prod
from typing import Unpack

import torch
from torch import Tensor

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses
from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.families.parts.dimensions import per_dimension
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.layers.running import RunningShares
from gen_models.networks.quantisers.base import Quantiser
from gen_models.networks.tokenisers.base import TokenDecoder, TokenEncoder


class TokenAutoencoder(GenerativeModel):
    """Autoencoder whose codes are tokens: pictures to a grid of them, each one of so many codes, and back.

    It has no prior: samples draw each token by how frequent it was at its place of late, independently of the others.
    A prior over the tokens is another model's (`model=token_prior`, `model=maskgit`).

    Attributes:
        quantiser: Vectors to codes; it says how many there are.
        shares: How frequent each code was at each place.
    """

    quantiser: Quantiser
    shares: RunningShares

    @abstractmethod
    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, *grid) int64 of samples."""

    @abstractmethod
    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens (B, *grid) stand for."""

    @property
    def vocabulary(self) -> int:
        """Codes that a token can be."""
        return self.quantiser.codes

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Go to tokens and back."""
        return self.detokenise(self.tokenise(x))

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw tokens by their frequencies at their places and decode them to (n, *shape) in [-1, 1]."""
        self.labels(n, y)
        return self.detokenise(self.shares.sample(n))


class Tokeniser(TokenAutoencoder):
    """Autoencoder with one quantiser: pictures to a map of vectors, each of which becomes a token, and back.

    Args:
        encoder: Pictures to maps of vectors.
        decoder: Maps of codes to what `loss` reads.
        quantiser: Vectors to codes.
        loss: Distance of a sample from the decoder's output.
        training: Options of the engine.

    Raises:
        UsageError: The encoder's vectors are not of the codes' size.
    """

    def __init__(
        self,
        encoder: TokenEncoder,
        decoder: TokenDecoder,
        quantiser: Quantiser,
        loss: Reconstruction,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        if encoder.size != quantiser.size:
            raise UsageError(
                f"the encoder's vectors have {encoder.size} numbers, and the codes {quantiser.size}: "
                f"set network.encoder.size={quantiser.size}."
            )
        self.encoder = encoder
        self.decoder = decoder
        self.quantiser = quantiser
        self.loss = loss
        self.token_grids = quantiser.token_grids(encoder.grid)
        self.shares = RunningShares(self.grid, quantiser.codes)

    def round_trip(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Go to codes and back in training.

        Returns:
            What the decoder makes of the codes, and the terms that the quantiser asks for.
        """
        z = self.encoder(batch.x)
        code, index, asked = self.quantiser(z)
        self.quantiser.follow(z.detach(), index)
        self.shares.observe(index)
        self.note("perplexity", self.quantiser.usage.perplexity())
        self.note("dead_codes", self.quantiser.usage.dead())
        return self.decoder(code).float(), asked

    def distance(self, raw: Tensor, batch: Batch) -> Tensor:
        """Give the reconstruction error of the decoder's output as a mean over dimensions."""
        return per_dimension(self.loss(raw, batch.x), batch.x)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of tokens; those of several levels are one row, level after level."""
        return self.token_grids[0] if len(self.token_grids) == 1 else (1, sum(map(prod, self.token_grids)))

    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, h, w) int64 of samples."""
        return self.quantiser(self.encoder(x)).tokens

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens (B, h, w) stand for."""
        return self.loss.image(self.decoder(self.quantiser.embed(tokens)).float())

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the vectors (B, D·h·w) before they are quantised."""
        return self.encoder(x).float().flatten(1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of vectors (B, D·h·w), which are quantised first."""
        return self.loss.image(self.decoder(self.quantiser(z.unflatten(1, (-1, *self.encoder.grid))).z).float())
