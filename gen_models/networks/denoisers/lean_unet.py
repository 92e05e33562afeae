"""Lean denoising U-Net, for small pictures and processors: patches, no attention, maps joined by addition."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle, silu

from gen_models.networks.denoisers.base import Denoiser, picture
from gen_models.networks.denoisers.noise_embedding import NoiseEmbedding
from gen_models.networks.denoisers.style import STYLES
from gen_models.networks.denoisers.ways import BlockFactory
from gen_models.networks.layers.resampling import Double, cropped, padded
from gen_models.networks.layers.weights import silenced

STYLE = STYLES["adm"]


class LeanUNet(Denoiser):
    """Lean denoising U-Net: blocks as in ADM on patches of pixels, without attention, maps joined by addition.

    Blocks: Dhariwal and Nichol (2021), https://arxiv.org/abs/2105.05233. Patches of pixels as channels: Shi et al.
    (2016), https://arxiv.org/abs/1609.05158.

    A turn of training costs a processor a small part of the published networks': full resolution and attention are
    what they spend their time on. Pictures may have any sides: they are padded at the entrance, and cropped at the end.

    Args:
        shape: (C, H, W) of a picture.
        classes: Classes that the network can be told; 0 for none.
        width: Channels of the first map.
        multipliers: Of the width, one a resolution; each resolution has half the side of the one before.
        blocks: Residual blocks a resolution on the way down, and on the way up.
        patch: Side of the patches: the first map has this part of the picture's sides.
        dropout: Within the residual blocks.
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
        width: int = 48,
        multipliers: Sequence[int] = (1, 2),
        blocks: int = 1,
        patch: int = 2,
        dropout: float = 0.0,
        outputs: int = 1,
        scale: float = 1000.0,
        times: int = 1,
        inputs: int = 1,
    ) -> None:
        super().__init__()
        channels = picture(shape)[0]
        self.classes, self.inputs, self.outputs, self.times = classes, inputs, outputs, times
        self.patch = patch
        self.embedding = NoiseEmbedding(STYLE, width, 4 * width, classes, scale=scale, times=times)
        widths = [width * multiplier for multiplier in multipliers]
        self.entry = STYLE.conv(inputs * channels * patch**2, widths[0], 3)
        self.scales = LeanScale(BlockFactory(STYLE, 4 * width, dropout), widths, blocks)
        self.norm = STYLE.norm(widths[0])
        self.last = silenced(STYLE.conv(widths[0], outputs * channels * patch**2, 3))

    def forward(self, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Tensor:
        """Give (B, outputs·C, H, W) for noisy pictures, levels (B,) and classes (B,)."""
        embedding = self.embedding(noise, y)
        found = self.entry(pixel_unshuffle(padded(x, self.patch), self.patch))
        found = self.last(silu(self.norm(self.scales(found, embedding))))
        return cropped(pixel_shuffle(found, self.patch), x)


class LeanScale(nn.Module):
    """One resolution of a lean U-Net, around the smaller ones.

    Args:
        make: Makes blocks.
        widths: Channels of this resolution and of the smaller ones.
        blocks: Blocks before the smaller resolutions, and after them.
    """

    def __init__(self, make: BlockFactory, widths: Sequence[int], blocks: int) -> None:
        super().__init__()
        self.before = nn.ModuleList(make.block(widths[0], widths[0]) for _ in range(blocks))
        self.smaller = SmallerScales(make, widths, blocks) if len(widths) > 1 else None
        self.after = nn.ModuleList(make.block(widths[0], widths[0]) for _ in range(blocks))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Give maps of the same shape (B, widths[0], H, W)."""
        for block in self.before:
            x = block(x, embedding)
        if self.smaller is not None:
            x = x + cropped(self.smaller(x, embedding), x)
        for block in self.after:
            x = block(x, embedding)
        return x


class SmallerScales(nn.Module):
    """Smaller resolutions of a lean U-Net, and the convolutions that lead to them and back.

    Args:
        make: Makes blocks.
        widths: Channels of the resolution around them, and theirs.
        blocks: Blocks before the smaller resolutions, and after them.
    """

    def __init__(self, make: BlockFactory, widths: Sequence[int], blocks: int) -> None:
        super().__init__()
        self.down = make.style.conv(widths[0], widths[1], 3, stride=2)
        self.scale = LeanScale(make, widths[1:], blocks)
        self.up = nn.Sequential(Double(), make.style.conv(widths[1], widths[0], 3))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Give (B, widths[0], H, W), or one pixel more a side where it is odd, for maps (B, widths[0], H, W)."""
        return self.up(self.scale(self.down(x), embedding))
