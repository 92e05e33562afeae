"""Multilayer perceptron as a denoiser, for samples of any shape."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from gen_models.networks.denoisers.base import Denoiser
from gen_models.networks.denoisers.noise_embedding import NoiseEmbedding
from gen_models.networks.denoisers.style import STYLES
from gen_models.networks.layers.dropout import Dropout
from gen_models.networks.layers.weights import silenced

STYLE = STYLES["adm"]


class MLPDenoiser(Denoiser):
    """Multilayer perceptron denoiser: residual layers, each scaled and shifted by the noise level and the class.

    The layers are those of Dhariwal and Nichol (2021), https://arxiv.org/abs/2105.05233, with vectors for maps.

    Args:
        shape: Shape of a sample.
        classes: Classes that the network can be told; 0 for none.
        width: Size of the hidden vectors.
        blocks: Residual layers.
        dropout: Within the residual layers.
        outputs: Multiplies the first axis of the output: 2 for a learned variance beside the prediction.
        scale: Multiplies the noise level before its sines are taken.
        times: Numbers that tell a noise level: 2 for the two times of a MeanFlow.
        inputs: Multiplies the first axis of the input: 5 for two octaves of waves beside each (VDM).
    """

    def __init__(
        self,
        shape: Sequence[int],
        classes: int = 0,
        width: int = 128,
        blocks: int = 3,
        dropout: float = 0.0,
        outputs: int = 1,
        scale: float = 1000.0,
        times: int = 1,
        inputs: int = 1,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.inputs = inputs
        self.outputs = outputs
        self.times = times
        self.shape = (outputs * shape[0], *shape[1:])
        self.embedding = NoiseEmbedding(STYLE, width, width, classes, scale=scale, times=times)
        self.entry = nn.Linear(inputs * math.prod(shape), width)
        self.blocks = nn.ModuleList(ResidualLayer(width, width, dropout) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.last = silenced(nn.Linear(width, outputs * math.prod(shape)))

    def forward(self, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Tensor:
        """Give (B, outputs·D, …) for noisy samples (B, D, …), levels (B,) and classes (B,)."""
        embedding = self.embedding(noise, y)
        found = self.entry(x.flatten(1))
        for block in self.blocks:
            found = block(found, embedding)
        return self.last(silu(self.norm(found))).view(len(x), *self.shape)


class ResidualLayer(nn.Module):
    """Residual layer told the noise level: normalisation, scale and shift, SiLU and two layers, the last one zero.

    Args:
        width: Size D of the vectors.
        embedded: Size of the embedding.
        dropout: Share of the last layer's inputs that is dropped.
    """

    def __init__(self, width: int, embedded: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.condition = nn.Linear(embedded, 2 * width)
        self.first = nn.Linear(width, width)
        self.dropout = Dropout(dropout)
        self.last = silenced(nn.Linear(width, width))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Give (B, D) for vectors (B, D) and an embedding (B, embedded)."""
        scale, shift = self.condition(embedding).chunk(2, dim=1)
        found = self.first(torch.addcmul(shift, self.norm(x), 1 + scale))
        return x + self.last(self.dropout(silu(found)))
