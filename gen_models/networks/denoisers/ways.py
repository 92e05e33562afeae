"""Ways down and up of a denoising U-Net: what is kept of each map, and how maps are joined."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gen_models.networks.denoisers.block import DenoisingBlock
from gen_models.networks.denoisers.style import Style
from gen_models.networks.layers.resampling import Double, Halve, cropped


@dataclass(frozen=True)
class BlockFactory:
    """Factory of the blocks of a denoising U-Net, and of its steps to half and twice the size, in its style."""

    style: Style
    embedded: int
    """Size of the embedding of the noise level."""
    dropout: float

    def block(self, inputs: int, outputs: int, attends: bool = False) -> DenoisingBlock:
        """A block that keeps the size."""
        return DenoisingBlock(self.style, inputs, outputs, self.embedded, self.dropout, attends=attends)

    def halving(self, channels: int) -> nn.Module:
        """A step to half the size."""
        if not self.style.residual:
            return ResamplingConvolution(self.style.conv(channels, channels, 3, stride=2))
        return self._resampling(channels, Halve(self.style.taps))

    def doubling(self, channels: int) -> nn.Module:
        """A step to twice the size."""
        if not self.style.residual:
            return ResamplingConvolution(nn.Sequential(Double(), self.style.conv(channels, channels, 3)))
        return self._resampling(channels, Double(self.style.taps))

    def _resampling(self, channels: int, resample: nn.Module) -> DenoisingBlock:
        return DenoisingBlock(self.style, channels, channels, self.embedded, self.dropout, resample)


class ResamplingConvolution(nn.Module):
    """Convolution that halves or doubles maps without being told the noise level (Ho et al. 2020).

    https://arxiv.org/abs/2006.11239

    Args:
        layer: From maps to maps.
    """

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Give the layer's maps; the embedding is ignored."""
        return self.layer(x)


class WayDown(nn.Module):
    """Way down of a denoising U-Net: blocks at each resolution, and a step to half the size before all but the first.

    Args:
        make: Makes blocks and halvings.
        channels: Channels of the picture.
        width: Channels of the first map.
        widths: Channels of the maps, one a resolution.
        blocks: Blocks a resolution.
        attend: Whether positions attend to each other, one a resolution.
    """

    def __init__(
        self, make: BlockFactory, channels: int, width: int, widths: Sequence[int], blocks: int, attend: Sequence[bool]
    ) -> None:
        super().__init__()
        self.widths = [width]
        """Channels of the maps that are kept, in their order."""
        self.entry = make.style.conv(channels, width, 3)
        levels, halvings, pictures = [], [], []
        for level, (after, attends) in enumerate(zip(widths, attend, strict=True)):
            if level:
                halvings.append(make.halving(width))
                pictures += [PictureEntry(make.style, channels, width)] if make.style.pictures else []
                self.widths.append(channels := width)
            inputs = [width, *[after] * (blocks - 1)]
            levels.append(nn.ModuleList([make.block(each, after, attends) for each in inputs]))
            self.widths += [after] * blocks
            width = after
        self.levels: Sequence[nn.ModuleList] = nn.ModuleList(levels)  # type: ignore[assignment]
        self.halvings, self.pictures = nn.ModuleList(halvings), nn.ModuleList(pictures)

    def forward(self, x: Tensor, embedding: Tensor) -> list[Tensor]:
        """Give all maps (B, width, H', W') of noisy pictures (B, channels, H, W), the smallest last."""
        maps = [self.entry(x)]
        for level, blocks in enumerate(self.levels):
            if level:
                maps.append(self.halvings[level - 1](maps[-1], embedding))
                if self.pictures:
                    maps[-1] = x = self.pictures[level - 1](maps[-1], x)
            for block in blocks:
                maps.append(block(maps[-1], embedding))
        return maps


class PictureEntry(nn.Module):
    """Picture joined to a map of half its size: convolved, halved and added; the next one is made of the sum.

    The residual input pyramid of NCSN++: Song et al. (2021), https://arxiv.org/abs/2011.13456.

    Args:
        style: Of the network.
        channels: Channels of the picture, or of the sum before.
        width: Channels of the map.
    """

    def __init__(self, style: Style, channels: int, width: int) -> None:
        super().__init__()
        self.gain = style.gain
        self.conv = style.conv(channels, width, 3)
        self.halve = Halve(style.taps, fits=False)

    def forward(self, x: Tensor, picture: Tensor) -> Tensor:
        """Give (B, width, H, W) for a map of these sides and a picture (B, channels, 2H, 2W)."""
        wider = self.conv(pad(picture, (1, 1, 1, 1)))  # room for the filter, which adds no zeros of its own
        return (x + self.halve(wider)) * self.gain


class WayUp(nn.Module):
    """Way up of a denoising U-Net: two blocks on the smallest map, then a block for each map that was kept.

    Args:
        make: Makes blocks and doublings.
        kept: Channels of the maps that were kept, in their order.
        widths: Channels of the maps, one a resolution.
        blocks: Blocks a resolution.
        attend: Whether positions attend to each other, one a resolution.
    """

    def __init__(
        self, make: BlockFactory, kept: Sequence[int], widths: Sequence[int], blocks: int, attend: Sequence[bool]
    ) -> None:
        super().__init__()
        kept, width = [*kept], kept[-1]
        self.middle = nn.ModuleList([make.block(width, width, attends=True), make.block(width, width)])
        levels, doublings = [], []
        for level, (after, attends) in enumerate(zip(reversed(widths), reversed(attend), strict=True)):
            if level:
                doublings.append(make.doubling(width))
            inputs = [each + kept.pop() for each in [width, *[after] * (blocks - 1)]]
            last = [attends and (not make.style.sparse or block == blocks - 1) for block in range(blocks)]
            made = [make.block(each, after, attends) for each, attends in zip(inputs, last, strict=True)]
            levels.append(nn.ModuleList(made))
            width = after
        self.levels: Sequence[nn.ModuleList] = nn.ModuleList(levels)  # type: ignore[assignment]
        self.doublings = nn.ModuleList(doublings)

    def forward(self, maps: list[Tensor], embedding: Tensor) -> Tensor:
        """Give (B, widths[0], H, W) for the maps of the way down, which are used up."""
        x = maps[-1]
        for block in self.middle:
            x = block(x, embedding)
        for level, blocks in enumerate(self.levels):
            if level:
                x = self.doublings[level - 1](x, embedding)
            for block in blocks:
                joined = maps.pop()
                x = block(torch.cat([cropped(x, joined), joined], dim=1), embedding)
        return x
