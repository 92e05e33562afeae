"""VQ-VAE-2: tokens of two levels (Razavi et al. 2019, https://arxiv.org/abs/1906.00446)."""

from collections.abc import Sequence
from typing import Unpack

import torch
from torch import Tensor

from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.families.parts.dimensions import per_dimension
from gen_models.families.tokeniser import TokenAutoencoder
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.layers.running import RunningShares
from gen_models.networks.quantisers.base import Quantised, Quantiser
from gen_models.networks.tokenisers.levels import TwoLevelMaps


class VQVAE2(TokenAutoencoder):
    """Vector-quantised autoencoder of two levels: top tokens for the whole, bottom tokens for details given these.

    Its grid is both levels, one above the other, the top level first; rows of the bottom level take two rows each. So a
    prior that draws token after token draws the top level, and then the bottom level given the top (section 3.2).

    Args:
        maps: Pictures to maps of vectors of both levels, and codes to what `loss` reads.
        top_quantiser: Vectors of the top level to codes.
        quantiser: Vectors of the bottom level to as many codes.
        loss: Distance of a sample from the decoder's output.
        training: Options of the engine.

    Raises:
        UsageError: The vectors are not of the codes' size, or levels have different numbers of codes.
    """

    def __init__(
        self,
        maps: TwoLevelMaps,
        top_quantiser: Quantiser,
        quantiser: Quantiser,
        loss: Reconstruction,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        if {quantiser.size, top_quantiser.size} != {maps.size}:
            raise UsageError(f"the codes of both levels have {maps.size} numbers: set it by network.maps.size alone.")
        if quantiser.codes != top_quantiser.codes:
            raise UsageError("both levels have as many codes: set it by network.quantiser.codes alone.")
        self.maps = maps
        self.top_quantiser = top_quantiser
        self.quantiser = quantiser
        self.loss = loss
        self.shares = RunningShares(self.grid, quantiser.codes)

    def players(self) -> tuple[Player, ...]:
        """One player: all want the same."""
        return (Player("vqvae_2", [self.maps, self.top_quantiser, self.quantiser, self.loss], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Equation 2 for both levels: the reconstruction error as a mean over dimensions, and the quantisers' terms."""
        top, bottom = self.quantised(batch.x, follows=True)
        self.shares.observe(self.stacked(top.tokens, bottom.tokens))
        for name, level in {"top": self.top_quantiser, "bottom": self.quantiser}.items():
            self.note(f"{name}_perplexity", level.usage.perplexity())
            self.note(f"{name}_dead_codes", level.usage.dead())
        raw = self.maps.decode(top.z, bottom.z).float()
        asked = {f"top_{name}": term for name, term in top.losses.items()} | bottom.losses
        return {"reconstruction": per_dimension(self.loss(raw, batch.x), batch.x), **asked}

    def quantised(self, x: Tensor, follows: bool = False) -> tuple[Quantised, Quantised]:
        """Give the codes of both levels, which take in what they see if they follow it."""
        features = self.maps.features(x)
        coarse = self.maps.coarse(features)
        top = self.top_quantiser(coarse)
        fine = self.maps.fine(features, top.z)
        bottom = self.quantiser(fine)
        if follows:
            self.top_quantiser.follow(coarse.detach(), top.tokens)
            self.quantiser.follow(fine.detach(), bottom.tokens)
        return top, bottom

    @property
    def token_grids(self) -> Sequence[tuple[int, int]]:
        """Rows and columns of the top level, and of the bottom level."""
        return self.maps.grids

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of both levels, one above the other."""
        (rows, columns), _ = self.token_grids
        return 5 * rows, columns

    def stacked(self, top: Tensor, bottom: Tensor) -> Tensor:
        """Put tokens (B, h/2, w/2) above tokens (B, h, w), as (B, *grid)."""
        return torch.cat([top, bottom.reshape(len(bottom), -1, top.shape[2])], dim=1)

    def levels(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Give the tokens of both levels, (B, h/2, w/2) and (B, h, w), of (B, *grid)."""
        (rows, _), (below, columns) = self.token_grids
        return tokens[:, :rows], tokens[:, rows:].reshape(len(tokens), below, columns)

    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, *grid) int64 of samples."""
        top, bottom = self.quantised(x)
        return self.stacked(top.tokens, bottom.tokens)

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens (B, *grid) stand for."""
        top, bottom = self.levels(tokens)
        return self.loss.image(self.maps.decode(self.top_quantiser.embed(top), self.quantiser.embed(bottom)).float())
