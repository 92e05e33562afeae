"""Bidirectional transformer over a grid of tokens, some of them masked."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.weights import start_truncated, truncated_normal
from gen_models.networks.transformer.attention import TokenAttention
from gen_models.networks.transformer.blocks import Trunk
from gen_models.networks.transformer.positions import SPREAD


class MaskedTransformer(nn.Module):
    """Masked transformer: tokens, of which some are hidden, to logits of all of them.

    Chang et al. (2022), MaskGIT, https://arxiv.org/abs/2202.04200, after BERT (Devlin et al. 2019,
    https://arxiv.org/abs/1810.04805), with normalisations before attention and perceptrons. All weights and embeddings
    begin as BERT's: from N(0, 0.02²) within two deviations, and no bias.

    Args:
        shape: (1, h, w) of the grid.
        levels: Codes K that a token can be; K itself is the mask.
        width: Size of a token; a multiple of the heads.
        depth: Blocks.
        heads: Of the attention.
        ratio: Hidden units of a perceptron, as a multiple of the width.
        dropout: Share that is dropped in training.
        classes: Classes, each a token before the first; 0 for none.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int,
        width: int = 128,
        depth: int = 4,
        heads: int = 4,
        ratio: int = 4,
        dropout: float = 0.1,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.table = nn.Embedding(levels + 1 + classes, width)
        self.places = nn.Parameter(torch.empty(shape[1] * shape[2], width))
        self.trunk = Trunk(width, depth, lambda: TokenAttention(width, heads), ratio * width, dropout)
        self.head = nn.Linear(width, levels)
        self.mask = levels
        start_truncated(self, SPREAD)
        truncated_normal(self.places, SPREAD)

    def forward(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, K, h, w) for tokens (B, h, w) in 0..K, where K is a mask, and classes (B,)."""
        x = self.table(tokens.flatten(1)) + self.places
        if self.classes:
            x = torch.cat([self.table(self.mask + 1 + required(y))[:, None], x], dim=1)
        logits = self.head(self.trunk(x)[:, bool(self.classes) :])
        return logits.transpose(1, 2).unflatten(2, tokens.shape[1:])
