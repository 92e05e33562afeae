"""Diffusion transformer: a denoiser of patches, each a token."""

from collections.abc import Sequence

from torch import Tensor, nn

from gen_models.networks.denoisers.base import Denoiser, picture
from gen_models.networks.denoisers.noise_embedding import NoiseEmbedding
from gen_models.networks.denoisers.patches import Patches, PatchTransformer, Places, Unpatched, grid
from gen_models.networks.denoisers.style import STYLES
from gen_models.networks.transformer.attention import TokenAttention
from gen_models.networks.transformer.blocks import AdaptiveBlock, perceptron

FREQUENCIES = 256
"""Frequencies of the noise level's embedding."""


class DiT(Denoiser):
    """Diffusion transformer (DiT): blocks of attention and perceptrons on patches, told the noise level by adaLN-Zero.

    Peebles and Xie (2023), https://arxiv.org/abs/2212.09748.

    Published sizes, (width, depth, heads): S (384, 12, 6), B (768, 12, 12), L (1024, 24, 16), XL (1152, 28, 16).

    Args:
        shape: (C, H, W) of a picture; sides that are no multiple of the patch are padded, and cropped at the end.
        classes: Classes that the network can be told; 0 for none.
        width: Size D of a token; a multiple of four, and of the heads.
        depth: Blocks.
        heads: Of the attention.
        patch: Side of a patch.
        ratio: Hidden units of a perceptron, as a multiple of the width.
        outputs: Multiplies the channels of the output: 2 for a learned variance beside the prediction.
        scale: Multiplies the noise level before its sines are taken.
        times: Numbers that tell a noise level: 2 for the two times of a MeanFlow.
        inputs: Multiplies the channels of the input: 5 for two octaves of waves beside each (VDM).

    Raises:
        ValueError: The samples are no pictures.
    """

    def __init__(
        self,
        shape: Sequence[int],
        classes: int = 0,
        width: int = 384,
        depth: int = 12,
        heads: int = 6,
        patch: int = 2,
        ratio: int = 4,
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
        entry = nn.Sequential(Patches(inputs * channels, width, patch), Places(places, width))
        parts = [(TokenAttention(width, heads), perceptron(width, ratio * width)) for _ in range(depth)]
        blocks = [AdaptiveBlock(width, *each) for each in parts]
        self.transformer = PatchTransformer(entry, blocks, Unpatched(outputs * channels, places, width, patch))

    def forward(self, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Tensor:
        """Give (B, outputs·C, H, W) for noisy pictures, levels (B,) and classes (B,)."""
        return self.transformer(x, self.embedding(noise, y))
