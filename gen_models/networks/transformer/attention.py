"""Self-attention over tokens: all of them at once, or the next one with a memory of those before."""

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from gen_models.networks.layers.weights import linear


class TokenAttention(nn.Module):
    """Multi-head self-attention over tokens (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762).

    Its forward-mode derivative wants `torch.nn.attention.sdpa_kernel(SDPBackend.MATH)` around it.

    Args:
        size: Size D of a token.
        heads: How many.
        causal: Let a token see itself and those before it only.
        turns: Angles (N, D / heads) by which queries and keys are turned (`positions.turns_of`); None for none.

    Raises:
        ValueError: The size is no multiple of the heads.
    """

    turns: Tensor | None

    def __init__(self, size: int, heads: int, causal: bool = False, turns: Tensor | None = None) -> None:
        super().__init__()
        if size % heads:
            raise ValueError(f"a width of {size} can't be shared by {heads} heads: choose a multiple of the heads.")
        self.heads, self.causal = heads, causal
        self.qkv = linear(size, 3 * size)
        self.out = linear(size, size)
        self.register_buffer("turns", turns, persistent=False)

    def forward(self, x: Tensor, memory: "Memory | None" = None) -> Tensor:
        """Give tokens of the same shape (B, N, D); with a memory, those of the next token (B, 1, D)."""
        query, key, value = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        if self.turns is not None:
            start = memory.length if memory else 0
            turns = self.turns[start : start + x.shape[1]]
            query, key = turned(query, turns), turned(key, turns)
        if memory is not None:
            key, value = memory.extended(key, value)
        attended = scaled_dot_product_attention(query, key, value, is_causal=self.causal and memory is None)
        return self.out(attended.transpose(1, 2).flatten(2))


class Memory:
    """Keys and values of the tokens so far (KV cache), which causal attention never computes again.

    Args:
        n: Samples.
        length: Tokens that there will be.
        attention: Whose they are.
    """

    def __init__(self, n: int, length: int, attention: TokenAttention) -> None:
        size = attention.out.in_features // attention.heads
        self.keys, self.values = attention.out.weight.new_empty(2, n, attention.heads, length, size).unbind()
        self.length = 0

    def extended(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Take key and value (n, heads, 1, D / heads) of the next token, and give those of all so far."""
        if torch.compiler.is_compiling():  # a graph that is written in place is bound to the samples it was traced with
            past = self.keys[:, :, : self.length], self.values[:, :, : self.length]
            self.keys, self.values = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)
        else:
            self.keys[:, :, self.length], self.values[:, :, self.length] = key[:, :, 0], value[:, :, 0]
        self.length += 1
        return self.keys[:, :, : self.length], self.values[:, :, : self.length]


def turned(x: Tensor, turns: Tensor) -> Tensor:
    """Rotary embedding: turn each pair of channels of queries or keys (B, heads, N, C) by an angle.

    Su et al. (2021), RoFormer, https://arxiv.org/abs/2104.09864.

    Args:
        x: Queries or keys.
        turns: (N, C): cosines of the pairs' angles, then their sines.
    """
    first, second = x.unflatten(-1, (-1, 2)).unbind(-1)
    cosine, sine = turns.chunk(2, dim=1)
    return torch.stack([first * cosine - second * sine, first * sine + second * cosine], dim=-1).flatten(3)
