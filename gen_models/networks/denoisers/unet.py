"""Denoising U-Nets as published: DDPM, ADM, DDPM++, NCSN++, VDM and MD4."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import silu

from gen_models.networks.denoisers.base import Denoiser, picture
from gen_models.networks.denoisers.noise_embedding import NoiseEmbedding
from gen_models.networks.denoisers.style import STYLES, StyleName
from gen_models.networks.denoisers.ways import BlockFactory, WayDown, WayUp
from gen_models.networks.layers.weights import silenced


class UNet(Denoiser):
    """Denoising U-Net: residual blocks down to the smallest map and up again, each map joined on the way up.

    Ho et al. (2020), https://arxiv.org/abs/2006.11239, Dhariwal and Nichol (2021), https://arxiv.org/abs/2105.05233,
    Song et al. (2021), https://arxiv.org/abs/2011.13456, Kingma et al. (2021), https://arxiv.org/abs/2107.00630, and
    Karras et al. (2022), https://arxiv.org/abs/2206.00364.

    Pictures may have any sides: an odd one is rounded up when it is halved, and cropped on the way up.

    Args:
        shape: (C, H, W) of a picture.
        classes: Classes that the network can be told; 0 for none.
        width: Channels of the first map.
        multipliers: Of the width, one a resolution; each resolution has half the side of the one before.
        blocks: Residual blocks a resolution on the way down; one more on the way up.
        attention: Resolutions at which positions attend to each other: for each, the map whose longer side is at most
            this and more than half of it. The smallest map always does.
        dropout: Within the residual blocks.
        style: Of which of the published networks.
        outputs: Multiplies the channels of the output: 2 for a learned variance beside the prediction.
        labels: Augmentation labels that the network can be told; 0 for none.
        scale: Multiplies the noise level before its sines are taken; 1 for EDM as published.
        times: Numbers that tell a noise level: 2 for the two times of a MeanFlow.
        inputs: Multiplies the channels of the input: 5 for two octaves of waves beside each (VDM).

    Raises:
        ValueError: The samples are no pictures.
    """

    def __init__(
        self,
        shape: Sequence[int],
        classes: int = 0,
        width: int = 128,
        multipliers: Sequence[int] = (1, 2, 2, 2),
        blocks: int = 2,
        attention: Sequence[int] = (16,),
        dropout: float = 0.1,
        style: StyleName = "ddpm",
        outputs: int = 1,
        labels: int = 0,
        scale: float = 1000.0,
        times: int = 1,
        inputs: int = 1,
    ) -> None:
        super().__init__()
        channels, *sides = picture(shape)
        self.classes = classes
        self.inputs = inputs
        self.outputs = outputs
        self.labels = labels
        self.times = times
        kind = STYLES[style]
        embedded = kind.embedded(width)
        self.embedding = NoiseEmbedding(kind, width, embedded, classes, labels, scale, times)
        make = BlockFactory(kind, embedded, dropout)
        widths = [width * multiplier for multiplier in multipliers]
        attend = attending(max(sides), len(widths), attention)
        self.down = WayDown(make, inputs * channels, width, widths, blocks, attend)
        self.up = WayUp(make, self.down.widths, widths, blocks + 1, attend)
        self.norm = kind.norm(widths[0])
        self.last = silenced(kind.conv(widths[0], outputs * channels, 3))

    def forward(self, x: Tensor, noise: Tensor, y: Tensor | None = None, labels: Tensor | None = None) -> Tensor:
        """Give (B, outputs·C, H, W) for noisy pictures, levels (B,), classes (B,) and augmentation labels (B, number).

        Without labels the pictures are as they were in the data, which zeros say as well.
        """
        embedding = self.embedding(noise, y, labels)
        found = self.up(self.down(x, embedding), embedding)
        return self.last(silu(self.norm(found)))


def attending(side: int, levels: int, attention: Sequence[int]) -> list[bool]:
    """Whether positions attend to each other, for each of the maps that are halved from one of this side."""
    sides = [-(-side >> level) for level in range(levels)]
    return [any(limit < 2 * each <= 2 * limit for limit in attention) for each in sides]
