"""Transformer over growing grids of tokens (VAR, Tian et al. 2024, https://arxiv.org/abs/2404.02905)."""

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from gen_models.networks.layers.typed import Layers
from gen_models.networks.layers.weights import zero_bias
from gen_models.networks.transformer.attention import CosineAttention, Memory
from gen_models.networks.transformer.blocks import AdaptiveBlock, modulated, perceptron


class NextScaleTransformer(nn.Module):
    """Transformer of VAR: the scales so far, at the size of the next one, to logits of its tokens, all at once.

    Tian et al. (2024), section 3.2, https://arxiv.org/abs/2404.02905, as in FoundationVision/VAR, var.py: attention by
    cosines, shifts, scales and gates that follow from the class (adaLN), and a start token of the class.

    Published sizes: a depth d, a width of 64 d, d heads, and a share of skipped layers up to d / 240.

    Args:
        grids: Rows and columns of the scales.
        size: Size D of the tokeniser's codes.
        codes: How many K there are.
        width: Size of a token; a multiple of the heads.
        depth: Blocks.
        heads: Of the attention.
        ratio: Hidden units of a perceptron, as a multiple of the width.
        skipped: Share of the samples that skip the last block's layers in training; none skips the first's.
        gates: Factor of the gates' first weights.
        classes: Classes that the network can be told; 0 for none. Row `classes` is no class.

    Attributes:
        lengths: Tokens of each scale.
    """

    def __init__(
        self,
        grids: Sequence[tuple[int, int]],
        size: int,
        codes: int,
        width: int = 1024,
        depth: int = 16,
        heads: int = 16,
        ratio: int = 4,
        skipped: float = 0.0,
        gates: float = 1e-5,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.lengths = [math.prod(grid) for grid in grids]
        scales = torch.cat([torch.full((length,), scale) for scale, length in enumerate(self.lengths)])
        seen = scales[:, None] >= scales
        self.embed = nn.Linear(size, width)
        self.table = nn.Embedding(classes + 1, width)
        self.start = nn.Embedding(self.lengths[0], width)
        self.places = nn.Embedding(len(scales), width)
        self.scales = nn.Embedding(len(grids), width)
        shares = [skipped * block / max(1, depth - 1) for block in range(depth)]
        blocks = (
            AdaptiveBlock(width, CosineAttention(width, heads, seen), perceptron(width, ratio * width), skipped=share)
            for share in shares
        )
        self.blocks = Layers[AdaptiveBlock](blocks)
        self.norm = nn.LayerNorm(width, eps=1e-6, elementwise_affine=False)
        self.modulation = nn.Linear(width, 2 * width)
        self.head = nn.Linear(width, codes)
        self.register_buffer("scale_of", scales, persistent=False)
        self._start(gates)

    @torch.no_grad()
    def _start(self, gates: float) -> None:
        """First weights: all from N(0, 1 / 3D); what is added begins small, and gates and logits near zero."""
        width, depth = self.embed.out_features, len(self.blocks)
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Embedding):
                nn.init.normal_(layer.weight, 0.0, math.sqrt(1 / (3 * width)))
            zero_bias(layer)
        for block in self.blocks:
            block.get_parameter("attention.out.weight").div_(math.sqrt(2 * depth))
            block.get_parameter("perceptron.2.weight").div_(math.sqrt(2 * depth))
            shift, scale, gate, shift_out, scale_out, gate_out = block.modulation.weight.chunk(6)
            torch._foreach_mul_([shift, scale, shift_out, scale_out], 0.5)
            torch._foreach_mul_([gate, gate_out], gates)
        self.modulation.weight.mul_(0.5)
        self.head.weight.mul_(0.02)

    def forward(self, inputs: Tensor, y: Tensor) -> Tensor:
        """Give the logits (B, K, N) of all scales' tokens.

        Args:
            inputs: (B, N - n_1, D) for each scale but the first the sum of those before it, at that scale's size.
            y: Classes (B,), of which `classes` is none.
        """
        told = self.table(y)
        x = torch.cat([self.first(told), self.embed(inputs)], dim=1) + self.marks()
        return self._logits(x, told)

    def first(self, told: Tensor) -> Tensor:
        """Give the tokens (B, n_1, width) that samples begin with, of the classes' vectors (B, width)."""
        return told[:, None] + self.start.weight

    def marks(self) -> Tensor:
        """Give what tells each token its scale and its place in it, (N, width)."""
        return self.scales(self.scale_of) + self.places.weight

    def _logits(self, x: Tensor, told: Tensor, memories: Sequence[Memory] | None = None) -> Tensor:
        told = silu(told)
        for index, block in enumerate(self.blocks):
            x = block(x, told, memories[index] if memories else None)
        scale, shift = self.modulation(told)[:, None].chunk(2, dim=2)
        return self.head(modulated(self.norm(x), shift, scale)).transpose(1, 2)


class ScaleStepper:
    """Cached sampler of `NextScaleTransformer`: a scale at a time, with a memory of keys and values of those before.

    Args:
        network: The network.
        y: Classes (n,) of samples.
    """

    def __init__(self, network: NextScaleTransformer, y: Tensor) -> None:
        self.network = network
        self.told = network.table(y)
        self.marks = network.marks().split(network.lengths)
        attentions = [cast(CosineAttention, block.attention) for block in network.blocks]
        self.memories = [Memory(len(y), sum(network.lengths), attention) for attention in attentions]

    def __call__(self, scale: int, inputs: Tensor | None) -> Tensor:
        """Give the logits (n, K, n_k) of a scale for the sum of those before it, (n, n_k, D); None for the first."""
        network = self.network
        x = network.first(self.told) if inputs is None else network.embed(inputs)
        return network._logits(x + self.marks[scale], self.told, self.memories)
