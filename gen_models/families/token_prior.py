"""Autoregressive priors over tokens (van den Oord et al. 2017, section 3.3, https://arxiv.org/abs/1711.00937)."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.player import Losses
from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.families.autoregressive import Autoregressive
from gen_models.families.parts.pretrained import SpaceImages
from gen_models.families.token_model import TokenModel
from gen_models.families.token_space import OwnTokeniser
from gen_models.losses.categorical import Softmax
from gen_models.media.pixels import from_levels, to_levels
from gen_models.networks.autoregressive.causal import Causal

MakeCausal = Callable[[Sequence[int], int], Causal]
"""The constructor of a network but for the shape of its samples and their levels: `_partial_` in a config."""


class TokenPrior(TokenModel):
    """Autoregressive prior over the tokens of a VQ-VAE: token after token, the top level first, then one decoding.

    Van den Oord et al. (2017), https://arxiv.org/abs/1711.00937. To its network tokens are pixels of so many levels,
    which it looks up in a table, since they have no order. Its likelihood is that of tokens, not of pixels.

    Args:
        tokeniser: This run's own; with a `space`, as many codes and tokens as there.
        causal: Makes the network of a shape (1, h, w) and a number of levels.
        shape: Of a sample.
        temperature: Of samples: below 1 sharpens each distribution, above 1 flattens it.
        space: Run directory of a model with tokens.
        space_images: Images by which the own tokeniser is trained; afterwards the prior is.
        training: Options of the engine.
    """

    def __init__(
        self,
        tokeniser: OwnTokeniser,
        causal: MakeCausal,
        shape: Sequence[int],
        temperature: float = 1.0,
        space: str | None = None,
        space_images: SpaceImages = 64_000,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(tokeniser, shape, space, space_images, **training)
        network = causal((1, *self.grid), self.vocabulary)
        self.prior = Autoregressive(network, Softmax(), self.vocabulary, temperature, optimizers={})

    @property
    def drawer(self) -> nn.Module:
        """The autoregressive model."""
        return self.prior

    def drawer_losses(self, batch: Batch) -> Losses:
        """Negative log-likelihood in nats per token."""
        nats = -self.prior.log_prob(self._pixels(batch.x), batch.y).mean() / math.prod(self.grid)
        self.note("bits_per_token", nats / math.log(2))
        return {"nats_per_token": nats}

    def token_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of the tokens of samples."""
        return self.prior.log_prob(self._pixels(self.tokenise(x, y)), y)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw tokens and decode them to (n, *shape) in [-1, 1]."""
        y = self.labels(n, y)
        return self._decoded(self.prior.sample(n, y if self.classes else None), y)

    @torch.no_grad()
    def complete(self, x: Tensor, keep: int, y: Tensor | None = None) -> Tensor:
        """Keep the first rows of images (B, *shape), and draw what follows the rows of tokens that lie within them.

        Raises:
            UsageError: The tokens have levels, of which the first one knows the whole picture.
        """
        if len(self.token_grids) > 1:
            raise UsageError("the top tokens see the whole picture, also what is to be drawn: use model=maskgit.")
        y = self.labels(len(x), y)
        rows = keep * self.grid[0] // x.shape[2]
        tokens = self.prior.complete(self._pixels(self.tokenise(x, y)), rows, y if self.classes else None)
        return torch.cat([x[:, :, :keep], self._decoded(tokens, y)[:, :, keep:]], dim=2)

    @property
    def evaluations(self) -> int:
        """Evaluations of the prior's network for a sample (NFE): one a token."""
        return self.prior.evaluations

    @property
    def way(self) -> Mapping[str, Any]:
        """The temperature."""
        return self.prior.way

    def set_way(self, temperature: float) -> None:
        """Change the temperature of samples."""
        self.prior.set_way(temperature)

    def _pixels(self, tokens: Tensor) -> Tensor:
        """Tokens (B, h, w) as levels (B, 1, h, w) in [-1, 1]."""
        return from_levels(tokens[:, None], self.vocabulary)

    def _decoded(self, pixels: Tensor, y: Tensor) -> Tensor:
        return self.detokenise(to_levels(pixels[:, 0], self.vocabulary), y)
