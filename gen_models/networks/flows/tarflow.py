"""TarFlow: autoregressive flows of transformers over patches (Zhai et al. 2024, https://arxiv.org/abs/2412.06329)."""

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, pad, pixel_shuffle, pixel_unshuffle

from gen_models.networks.flows.bijection import FARTHEST, Bijection, Flow
from gen_models.networks.flows.shapes import Flatten
from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.typed import Layers
from gen_models.networks.layers.weights import start_as_torch
from gen_models.networks.transformer.attention import Memory, TokenAttention
from gen_models.networks.transformer.blocks import PreNormBlock

SPREAD = 0.01
"""Standard deviation of the embeddings of places and classes at first, as in the authors' code."""


class Patchify(Bijection):
    """Cutting of pictures (B, C, H, W) into tokens (B, T, C · patch²), row by row; each entry of a point is a token.

    Args:
        shape: Of a sample.
        patch: Side of a patch.

    Raises:
        ValueError: The picture can't be cut so.
    """

    def __init__(self, shape: Sequence[int], patch: int) -> None:
        super().__init__()
        self.pictures, self.patch = len(shape) == 3, patch
        if self.pictures and (shape[1] % patch or shape[2] % patch):
            raise ValueError(f"pictures of {shape[1]}x{shape[2]} can't be cut into patches of {patch}: change patch.")
        self.rows = shape[1] // patch if self.pictures else 0
        self.size = shape[0] * patch**2 if self.pictures else 1
        self.count = math.prod(shape) // self.size

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give tokens."""
        tokens = pixel_unshuffle(x, self.patch).flatten(2).transpose(1, 2) if self.pictures else x[:, :, None]
        return tokens, x.new_zeros(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give samples."""
        if not self.pictures:
            return z[:, :, 0]
        return pixel_shuffle(z.transpose(1, 2).unflatten(2, (self.rows, -1)), self.patch)


class TarFlowBlock(Bijection):
    """Autoregressive block: a causal transformer of the tokens before scales and shifts each one, but for the first.

    Zhai et al. (2024), section 2.2, https://arxiv.org/abs/2412.06329: z_t = (x_t - b_t) exp(-a_t).

    All layers begin as torch has them but the last, whose weights are 0 and whose biases are not, as in the authors'
    code: at first all tokens but the first are scaled and shifted alike.

    Args:
        tokens: Their number T.
        entries: Of a token.
        size: Of a token within the transformer.
        layers: Of the transformer.
        heads: Of its attention.
        flip: Go through the tokens from the last to the first.
        classes: Classes that are embedded; 0 for none. The null class, `classes`, is the mean of their vectors.
    """

    def __init__(
        self, tokens: int, entries: int, size: int, layers: int, heads: int, flip: bool, classes: int = 0
    ) -> None:
        super().__init__()
        self.flip, self.classes = flip, classes
        self.enter = nn.Linear(entries, size)
        self.places = nn.Parameter(SPREAD * torch.randn(tokens, size))
        self.embed = nn.Embedding(classes, size) if classes else None
        if self.embed is not None:
            nn.init.normal_(self.embed.weight, 0.0, SPREAD)
        self.blocks = Layers[PreNormBlock](
            PreNormBlock(size, TokenAttention(size, heads, causal=True), 4 * size, gelu="exact") for _ in range(layers)
        )
        start_as_torch(self.blocks)
        self.leave = nn.Linear(size, 2 * entries)
        nn.init.zeros_(self.leave.weight)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give tokens (B, T, entries) and the log-determinant, all tokens at once."""
        x = self._ordered(x)
        log_scale, shift = pad(self._told(x[:, :-1], y, 0), (0, 0, 1, 0)).chunk(2, dim=2)
        return self._ordered((x - shift) * (-log_scale).exp()), -log_scale.flatten(1).sum(1)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens, one after another, with a memory of keys and values; gradients don't pass a memory."""
        return self.guided_inverse(z, y, 1.0)

    @torch.no_grad()
    def guided_inverse(self, z: Tensor, y: Tensor | None, scale: float, rising: bool = False) -> Tensor:
        """Give the tokens by guided scales and shifts (section 2.5); at a scale of 1 it is the inverse.

        Args:
            z: (B, T, entries).
            y: Classes (B,).
            scale: What the class changes in scales and shifts is multiplied by it.
            rising: Come to the scale in even steps from token to token.
        """
        guides = scale != 1 and y is not None and self.embed is not None
        classes = torch.cat([required(y), torch.full_like(required(y), self.classes)]) if guides else y
        z, times = self._ordered(z), 2 if guides else 1
        memories = [Memory(times * len(z), z.shape[1], block.attention) for block in self.blocks]
        x = [z[:, :1]]
        for place in range(z.shape[1] - 1):
            told = self._told(x[-1].repeat(times, 1, 1), classes, place, memories)
            share = (place + 1) / (z.shape[1] - 1) if rising else 1.0
            log_scale, shift = (_guided(told, 1 + share * (scale - 1)) if guides else told).chunk(2, dim=2)
            token = z[:, place + 1 : place + 2] * log_scale.exp() + shift
            x.append(token.clamp(-FARTHEST, FARTHEST))
        return self._ordered(torch.cat(x, dim=1))

    def _told(self, x: Tensor, y: Tensor | None, start: int, memories: Sequence[Memory] | None = None) -> Tensor:
        """Log-scales and shifts (B, N, 2 · entries) of the tokens that follow N tokens from a place on."""
        with self._alike(x):
            h = self.enter(x) + self.places[start : start + x.shape[1]]
            if self.embed is not None:
                vectors = torch.cat([self.embed.weight, self.embed.weight.mean(0, keepdim=True)])
                h = h + embedding(required(y), vectors)[:, None]
            for index, block in enumerate(self.blocks):
                h = block(h, memories[index] if memories else None)
            return self.leave(h).float()

    def _alike(self, x: Tensor) -> AbstractContextManager[object]:
        """Compute in float32 but in training.

        All tokens at once and one after another are different sums, and what bfloat16 rounds differently in a token
        changes all that follow: the inverse would be that of another flow.
        """
        return nullcontext() if self.training else torch.autocast(x.device.type, enabled=False)

    def _ordered(self, x: Tensor) -> Tensor:
        return x.flip(1) if self.flip else x


def _guided(both: Tensor, scale: float) -> Tensor:
    told, untold = both.chunk(2)
    return untold + scale * (told - untold)


class TarFlow(Flow):
    """TarFlow: blocks that go through the patches of a picture forwards and backwards in turn.

    Zhai et al. (2024), Normalizing flows are capable generative models, https://arxiv.org/abs/2412.06329.

    Args:
        shape: (C, H, W) of a picture, or (D,) of a point.
        patch: Side of a patch.
        size: Of a token within the transformers.
        blocks: How many.
        layers: Of each block's transformer.
        heads: Of its attention.
        classes: Classes that condition the blocks; 0 for none.
    """

    def __init__(
        self,
        shape: Sequence[int],
        patch: int = 4,
        size: int = 64,
        blocks: int = 2,
        layers: int = 2,
        heads: int = 1,
        classes: int = 0,
    ) -> None:
        cut = Patchify(shape, patch)
        parts = [
            TarFlowBlock(cut.count, cut.size, size, layers, heads, flip=i % 2 == 1, classes=classes)
            for i in range(blocks)
        ]
        super().__init__(shape, classes, [cut, *parts, Flatten((cut.count, cut.size))])
        self.tokens = cut.count

    @property
    def steps(self) -> int:
        """One a token, of a single position in each block."""
        return self.tokens

    def guided_inverse(self, z: Tensor, y: Tensor | None, scale: float, rising: bool = False) -> Tensor:
        """Give the samples (B, *shape) of latents (B, num_dims), guided towards their classes in every block."""
        for part in reversed(self.chain.parts):
            z = part.guided_inverse(z, y, scale, rising) if isinstance(part, TarFlowBlock) else part.inverse(z, y)
        return z
