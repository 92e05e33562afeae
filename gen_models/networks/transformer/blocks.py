"""Transformer blocks: normalised attention and perceptrons, each added to what it reads."""

from collections.abc import Callable, Sequence
from typing import Literal

from torch import Tensor, nn

from gen_models.networks.layers.dropout import Dropout, StochasticDepth
from gen_models.networks.layers.typed import Layers
from gen_models.networks.layers.weights import linear, silenced
from gen_models.networks.transformer.attention import Memory, MultiHeadAttention

Gelu = Literal["tanh", "sigmoid", "exact"]
"""Ways to take GELU (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415): two approximations, and exactly."""


class PreNormBlock(nn.Module):
    """Transformer block whose normalisations stand before attention and perceptron, as in GPT-2.

    Radford et al. (2019), Language models are unsupervised multitask learners, section 2.3,
    https://openai.com/index/better-language-models/; the block is of Vaswani et al. (2017),
    https://arxiv.org/abs/1706.03762.

    Args:
        size: Size D of a token.
        attention: Whom a token sees.
        hidden: Hidden units of the perceptron.
        dropout: Share of what attention and perceptron give that is dropped in training.
        gelu: How the perceptron takes GELU.
    """

    def __init__(
        self, size: int, attention: MultiHeadAttention, hidden: int, dropout: float = 0.0, gelu: Gelu = "tanh"
    ) -> None:
        super().__init__()
        self.norm_in = nn.LayerNorm(size)
        self.attention = attention
        self.norm_out = nn.LayerNorm(size)
        self.perceptron = perceptron(size, hidden, gelu)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor:
        """Give tokens of the same shape (B, N, D); with a memory, of the next token (B, 1, D)."""
        x = x + self.dropout(self.attention(self.norm_in(x), memory))
        return x + self.dropout(self.perceptron(self.norm_out(x)))


class AdaptiveBlock(nn.Module):
    """Transformer block with adaLN-Zero: shifts, scales and gates follow from an embedding, and are zero at first.

    Peebles and Xie (2023), section 3.2, https://arxiv.org/abs/2212.09748.

    Args:
        size: Size D of a token, and of the embedding.
        attention: From tokens (B, N, D) to tokens.
        perceptron: The same, token by token.
        affine: Give the normalisations gains and biases of their own.
        skipped: Share of the samples for which attention, and then the perceptron, are left out in training.
    """

    def __init__(
        self, size: int, attention: nn.Module, perceptron: nn.Module, affine: bool = False, skipped: float = 0.0
    ) -> None:
        super().__init__()
        self.norm_in = nn.LayerNorm(size, eps=1e-6, elementwise_affine=affine)
        self.attention = attention
        self.norm_out = nn.LayerNorm(size, eps=1e-6, elementwise_affine=affine)
        self.perceptron = perceptron
        self.modulation = silenced(nn.Linear(size, 6 * size))
        self.skip = StochasticDepth(skipped)

    def forward(self, x: Tensor, embedding: Tensor, memory: Memory | None = None) -> Tensor:
        """Give tokens of the same shape (B, N, D) for an embedding (B, D); with a memory, of the next tokens."""
        shift, scale, gate, shift_out, scale_out, gate_out = self.modulation(embedding)[:, None].chunk(6, dim=2)
        remembered = () if memory is None else (memory,)
        x = x + self.skip(gate * self.attention(modulated(self.norm_in(x), shift, scale), *remembered))
        return x + self.skip(gate_out * self.perceptron(modulated(self.norm_out(x), shift_out, scale_out)))


class Trunk(nn.Module):
    """Transformer without its ends: blocks, one after another, and a normalisation behind the last.

    Args:
        size: Size D of a token.
        depth: Blocks.
        attention: Makes the attention of a block.
        hidden: Hidden units of a perceptron.
        dropout: Share that is dropped in training.
        gelu: How the perceptrons take GELU.
    """

    def __init__(
        self,
        size: int,
        depth: int,
        attention: Callable[[], MultiHeadAttention],
        hidden: int,
        dropout: float = 0.0,
        gelu: Gelu = "tanh",
    ) -> None:
        super().__init__()
        blocks = (PreNormBlock(size, attention(), hidden, dropout, gelu) for _ in range(depth))
        self.blocks = Layers[PreNormBlock](blocks)
        self.norm = nn.LayerNorm(size)

    def forward(self, x: Tensor, memories: Sequence[Memory] | None = None) -> Tensor:
        """Give tokens of the same shape (B, N, D); with memories, those of the next token (B, 1, D)."""
        for index, block in enumerate(self.blocks):
            x = block(x, memories[index] if memories else None)
        return self.norm(x)

    def memories(self, n: int, length: int) -> list[Memory]:
        """Make empty memories, one a block, for `length` tokens of n samples."""
        return [Memory(n, length, block.attention) for block in self.blocks]


def perceptron(size: int, hidden: int, gelu: Gelu = "tanh") -> nn.Module:
    """Perceptron of one hidden layer with GELU."""
    return nn.Sequential(linear(size, hidden), _activation(gelu), linear(hidden, size))


def _activation(gelu: Gelu) -> nn.Module:
    if gelu == "sigmoid":
        return SigmoidGELU()
    return nn.GELU("none" if gelu == "exact" else gelu)


class SigmoidGELU(nn.Module):
    """GELU's approximation by a sigmoid: x σ(1.702 x) (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415)."""

    def forward(self, x: Tensor) -> Tensor:
        """Give an output of the same shape."""
        return x * (1.702 * x).sigmoid()


def modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Shift and scale: x (1 + scale) + shift."""
    return x * (1 + scale) + shift
