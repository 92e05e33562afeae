"""Diffusion transformer with the parts of a language model: rotary positions, normalised queries, gated perceptrons."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from gen_models.networks.denoisers.base import Denoiser, picture
from gen_models.networks.denoisers.dit import FREQUENCIES
from gen_models.networks.denoisers.noise_embedding import NoiseEmbedding
from gen_models.networks.denoisers.patches import Patches, PatchTransformer, Unpatched, grid
from gen_models.networks.denoisers.style import STYLES
from gen_models.networks.layers.frequencies import Sinusoids
from gen_models.networks.layers.group_norm import ContiguousGroupNorm
from gen_models.networks.layers.weights import linear
from gen_models.networks.transformer.attention import attended, turned
from gen_models.networks.transformer.blocks import AdaptiveBlock

MULTIPLE = 256
"""Hidden units of a gated perceptron are a multiple of this."""


class RotaryDiT(Denoiser):
    """Diffusion transformer with rotary positions, normalised queries and keys, and gated perceptrons.

    AdaLN-Zero: Peebles and Xie (2023), https://arxiv.org/abs/2212.09748. The rest is as in minRF, for rectified flow:
    Ryu (2024), https://github.com/cloneofsimo/minRF; its (width, depth, heads) are (64, 6, 4) and (256, 10, 8).

    Args:
        shape: (C, H, W) of a picture; sides that are no multiple of the patch are padded, and cropped at the end.
        classes: Classes that the network can be told; 0 for none.
        width: Size D of a token, a multiple of twice the heads.
        depth: Blocks.
        heads: Of the attention.
        patch: Side of a patch.
        outputs: Multiplies the channels of the output: 2 for a learned variance beside the prediction.
        scale: Multiplies the noise level before its sines are taken; the authors' is 1.
        times: Numbers that tell a noise level: 2 for the two times of a MeanFlow.
        inputs: Multiplies the channels of the input: 5 for two octaves of waves beside each (VDM).

    Raises:
        ValueError: The samples are no pictures.
    """

    def __init__(
        self,
        shape: Sequence[int],
        classes: int = 0,
        width: int = 64,
        depth: int = 6,
        heads: int = 4,
        patch: int = 2,
        outputs: int = 1,
        scale: float = 1000.0,
        times: int = 1,
        inputs: int = 1,
    ) -> None:
        super().__init__()
        channels, *sides = picture(shape)
        self.classes = classes
        self.inputs = inputs
        self.outputs = outputs
        self.times = times
        self.embedding = NoiseEmbedding(STYLES["adm"], FREQUENCIES, width, classes, scale=scale, times=times)
        self.embedding.start(0.02)
        places = grid(sides, patch)
        count = places[0] * places[1]
        entry = nn.Sequential(
            *_stem(inputs * channels, width // 2), *_stem(width // 2, width // 2), Patches(width // 2, width, patch)
        )
        parts = [(RotaryAttention(width, heads, count), GatedPerceptron(width)) for _ in range(depth)]
        blocks = [AdaptiveBlock(width, *each, affine=True) for each in parts]
        self.transformer = PatchTransformer(entry, blocks, Unpatched(outputs * channels, places, width, patch))

    def forward(self, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Tensor:
        """Give (B, outputs·C, H, W) for noisy pictures, levels (B,) and classes (B,)."""
        return self.transformer(x, self.embedding(noise, y))


class RotaryAttention(nn.Module):
    """Self-attention whose queries and keys are normalised, then turned by angles that tell their places.

    Su et al. (2021), https://arxiv.org/abs/2104.09864; normalised queries and keys, Dehghani et al. (2023),
    https://arxiv.org/abs/2302.05442.

    Args:
        size: Size D of a token.
        heads: How many; each has an even number of channels.
        count: Tokens N.

    Raises:
        ValueError: The size is no multiple of twice the heads.
    """

    turns: Tensor

    def __init__(self, size: int, heads: int, count: int) -> None:
        super().__init__()
        if size % (2 * heads):
            raise ValueError(f"a width of {size} does not suit {heads} heads: choose a multiple of {2 * heads}.")
        self.heads = heads
        self.query, self.key, self.value, self.out = (linear(size, size, bias=False) for _ in range(4))
        self.query_norm, self.key_norm = nn.LayerNorm(size), nn.LayerNorm(size)
        self.register_buffer("turns", Sinusoids(size // heads)(torch.arange(count)), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give tokens of the same shape (B, N, D)."""
        query, key, value = self.query_norm(self.query(x)), self.key_norm(self.key(x)), self.value(x)
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (query, key, value))
        query, key = turned(query, self.turns), turned(key, self.turns)
        return self.out(attended(query, key, value).transpose(1, 2).flatten(2))


class GatedPerceptron(nn.Module):
    """Gated perceptron, SwiGLU (Shazeer 2020, https://arxiv.org/abs/2002.05202), with 8/3 of the size for hidden units.

    Args:
        size: Size D of a token.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        hidden = -(-(8 * size // 3) // MULTIPLE) * MULTIPLE
        self.gate, self.up = linear(size, hidden, bias=False), linear(size, hidden, bias=False)
        self.down = linear(hidden, size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Give tokens of the same shape (…, D)."""
        return self.down(silu(self.gate(x)) * self.up(x))


def _stem(inputs: int, outputs: int) -> list[nn.Module]:
    """A convolution before patches are cut."""
    return [nn.Conv2d(inputs, outputs, 5, padding=2), nn.SiLU(), ContiguousGroupNorm(outputs)]
