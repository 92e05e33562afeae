"""Self-attention over tokens: all of them at once, or the next ones with a memory of those before."""

import math
from abc import ABC, abstractmethod
from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.nn.functional import linear as affine
from torch.nn.functional import normalize, scaled_dot_product_attention

from gen_models.networks.layers.weights import linear

FEW = 256
"""Tokens up to which a processor attends to bfloat16 as float32: it takes a quarter to nine tenths of the time."""


def attended(query: Tensor, key: Tensor, value: Tensor, seen: Tensor | None = None, causal: bool = False) -> Tensor:
    """Scaled dot-product attention (B, heads, N, C), quick on a processor too.

    Torch's backward pass of bfloat16 is slow there: 30 ms of a core for 64 samples with 4 heads of 32 channels and 49
    tokens, and 8 ms as float32; 47 and 17 with 88 tokens; 60 and 48 with 256 of 32 samples; 36 and 42 with 784 of 4.

    Args:
        query: (B, heads, N, C).
        key: (B, heads, M, C).
        value: (B, heads, M, C).
        seen: (N, M) which keys each query sees; None for all.
        causal: Let a query see the keys up to its own place.
    """
    narrow = query.device.type == "cpu" and key.shape[2] <= FEW and query.dtype != torch.float64
    with torch.autocast("cpu", enabled=False) if narrow else nullcontext():
        q, k, v = (part.float() if narrow else part for part in (query, key, value))
        return scaled_dot_product_attention(q, k, v, seen, is_causal=causal).to(value.dtype)


class MultiHeadAttention(nn.Module, ABC):
    """Multi-head self-attention over tokens: what all kinds have in common.

    Its forward-mode derivative wants `torch.nn.attention.sdpa_kernel(SDPBackend.MATH)` around it.

    Args:
        qkv: From tokens to queries, keys and values.
        heads: How many.
        causal: Let a token see itself and those before it only.
        turns: Angles (N, D / heads) by which queries and keys are turned (`positions.turns_of`); None for none.
        seen: (N, N) which tokens (columns) each one (row) sees; None for all. With a memory, all that is in it is seen.

    Raises:
        ValueError: The size is no multiple of the heads.
    """

    turns: Tensor | None
    seen: Tensor | None

    def __init__(
        self, qkv: nn.Linear, heads: int, causal: bool = False, turns: Tensor | None = None, seen: Tensor | None = None
    ) -> None:
        super().__init__()
        size = qkv.in_features
        if size % heads:
            raise ValueError(f"a width of {size} can't be shared by {heads} heads: choose a multiple of the heads.")
        self.heads, self.causal = heads, causal
        self.qkv = qkv
        self.out = linear(size, size)
        self.register_buffer("turns", turns, persistent=False)
        self.register_buffer("seen", seen, persistent=False)

    def forward(self, x: Tensor, memory: "Memory | None" = None) -> Tensor:
        """Give tokens of the same shape (B, N, D); with a memory, those of the next tokens (B, n, D)."""
        query, key, value = self.projected(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key = self.compared(query, key)
        if self.turns is not None:
            start = memory.length if memory else 0
            turns = self.turns[start : start + x.shape[1]]
            query, key = turned(query, turns), turned(key, turns)
        if memory is not None:
            key, value = memory.extended(key, value)
        alone = memory is None
        found = attended(query, key, value, self.seen if alone else None, causal=self.causal and alone)
        return self.out(found.transpose(1, 2).flatten(2))

    @abstractmethod
    def projected(self, x: Tensor) -> Tensor:
        """Give queries, keys and values (B, N, 3 D) of tokens."""

    @abstractmethod
    def compared(self, query: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        """Give the queries and keys (B, heads, N, D / heads) whose products, over √(D / heads), are compared."""


class TokenAttention(MultiHeadAttention):
    """Multi-head self-attention by products (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762).

    Args:
        size: Size D of a token.
        heads: How many.
        causal: As of `MultiHeadAttention`.
        turns: As there.
    """

    def __init__(self, size: int, heads: int, causal: bool = False, turns: Tensor | None = None) -> None:
        super().__init__(linear(size, 3 * size), heads, causal=causal, turns=turns)

    def projected(self, x: Tensor) -> Tensor:
        """Give queries, keys and values (B, N, 3 D) of tokens."""
        return self.qkv(x)

    def compared(self, query: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        """Give queries and keys as they are."""
        return query, key


class CosineAttention(MultiHeadAttention):
    """Multi-head self-attention by cosines: queries and keys have unit length, and each head a learned temperature.

    Henry et al. (2020), https://arxiv.org/abs/2010.04245; as in FoundationVision/VAR, basic_var.py: the cosines' factor
    starts at 4 and stays below 100, and keys have no bias.

    Args:
        size: Size D of a token.
        heads: How many.
        seen: As of `MultiHeadAttention`.

    Raises:
        ValueError: The size is no multiple of the heads.
    """

    def __init__(self, size: int, heads: int, seen: Tensor | None = None) -> None:
        super().__init__(linear(size, 3 * size, bias=False), heads, seen=seen)
        self.biases = nn.Parameter(torch.zeros(2, size))
        self.log_factor = nn.Parameter(torch.full((heads, 1, 1), 4.0).log())

    def projected(self, x: Tensor) -> Tensor:
        """Give queries, keys and values (B, N, 3 D) of tokens."""
        query, value = self.biases
        return affine(x, self.qkv.weight, torch.cat([query, torch.zeros_like(query), value]))

    def compared(self, query: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        """Give queries and keys whose products are cosines times a factor, once they are divided."""
        factor = self.log_factor.clamp(max=math.log(100)).exp() * math.sqrt(query.shape[-1])
        return normalize(query, dim=-1) * factor.to(query.dtype), normalize(key, dim=-1)


class Memory:
    """Keys and values of the tokens so far (KV cache), which causal attention never computes again.

    Args:
        n: Samples.
        length: Tokens that there will be.
        attention: Whose they are.
    """

    def __init__(self, n: int, length: int, attention: MultiHeadAttention) -> None:
        size = attention.out.in_features // attention.heads
        self.keys, self.values = attention.out.weight.new_empty(2, n, attention.heads, length, size).unbind()
        self.length = 0

    def extended(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Take keys and values (n, heads, m, D / heads) of the next m tokens, and give those of all so far."""
        end = self.length + key.shape[2]
        if torch.compiler.is_compiling():  # a graph that is written in place is bound to the samples it was traced with
            past = self.keys[:, :, : self.length], self.values[:, :, : self.length]
            self.keys, self.values = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)
        else:
            self.keys[:, :, self.length : end], self.values[:, :, self.length : end] = key, value
        self.length = end
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
