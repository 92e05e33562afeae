"""Networks of VQGAN: residual convolutions and attention from pictures to smaller maps of vectors, and back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from torch import Tensor, nn
from torch.nn.functional import pad

from gen_models.networks.denoisers.block import SpatialAttention
from gen_models.networks.denoisers.style import Style
from gen_models.networks.denoisers.unet import attending
from gen_models.networks.layers.former import once_named
from gen_models.networks.layers.resampling import Double
from gen_models.networks.tokenisers.base import TokenDecoder, TokenEncoder, grid_of

STYLE = Style(eps=1e-6)


@dataclass(frozen=True)
class VQGANSizes:
    """Sizes of VQGAN's encoder, and of the decoder that is its mirror image but for a block more a resolution.

    Esser et al. (2021), table 7, https://arxiv.org/abs/2012.09841, and CompVis/taming-transformers.
    """

    shape: Sequence[int]
    """(C, H, W) of a picture."""
    size: int = 256
    """Size D of a vector."""
    width: int = 128
    """Features at the picture's resolution."""
    multipliers: Sequence[int] = (1, 1, 2, 2, 4)
    """Of the width, one a resolution; each resolution has half the side of the one before."""
    blocks: int = 2
    """Residual blocks a resolution of the encoder."""
    attention: Sequence[int] = (16,)
    """Resolutions at which positions attend to each other, as of `UNet`; the smallest map always does."""

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of a map."""
        return grid_of(self.shape, len(self.multipliers) - 1)

    def levels(self) -> Iterator[tuple[int, int, bool]]:
        """Give for each resolution the features of the one before, its own, and whether positions attend."""
        widths = [self.width * multiplier for multiplier in (1, *self.multipliers)]
        attend = attending(max(self.shape[1:]), len(self.multipliers), self.attention)
        return zip(widths, widths[1:], attend, strict=False)


class VQGANEncoder(TokenEncoder):
    """Encoder of VQGAN: residual blocks at each resolution, attention at the last, pictures to maps of vectors.

    Esser et al. (2021), table 7, https://arxiv.org/abs/2012.09841, and CompVis/taming-transformers.

    Args:
        sizes: See `VQGANSizes`.

    Raises:
        ValueError: The samples are no pictures, or their sides can't be halved so often.
    """

    def __init__(self, **sizes: Annotated[Any, VQGANSizes]) -> None:
        super().__init__()
        chosen = VQGANSizes(**sizes)
        self.size, self.grid = chosen.size, chosen.grid
        layers: list[nn.Module] = [nn.Conv2d(chosen.shape[0], chosen.width, 3, 1, 1)]
        for level, (before, features, attends) in enumerate(chosen.levels()):
            layers += [ShrinkingConvolution(before)] if level else []
            layers += resolution(before, features, chosen.blocks, attends)
        layers += [*middle(features), *ending(features, chosen.size), nn.Conv2d(chosen.size, chosen.size, 1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Give maps (B, D, h, w) of pictures (B, C, H, W)."""
        return self.layers(x)


class VQGANDecoder(TokenDecoder):
    """Decoder of VQGAN: attention at the smallest resolution, residual blocks at each, maps of vectors to pictures.

    Esser et al. (2021), table 7, https://arxiv.org/abs/2012.09841, and CompVis/taming-transformers.

    Args:
        sizes: See `VQGANSizes`.

    Raises:
        ValueError: The samples are no pictures, or their sides can't be halved so often.
    """

    def __init__(self, **sizes: Annotated[Any, VQGANSizes]) -> None:
        super().__init__()
        chosen = VQGANSizes(**sizes)
        self.grid = chosen.grid
        before = chosen.width * chosen.multipliers[-1]
        layers: list[nn.Module] = [nn.Conv2d(chosen.size, chosen.size, 1), nn.Conv2d(chosen.size, before, 3, 1, 1)]
        layers += middle(before)
        for level, (_, features, attends) in enumerate(reversed(list(chosen.levels()))):
            layers += [Double(), nn.Conv2d(before, before, 3, 1, 1)] if level else []
            layers += resolution(before, features, chosen.blocks + 1, attends)
            before = features
        self.layers = nn.Sequential(*layers, *ending(before, chosen.shape[0]))

    @property
    def last(self) -> Tensor:
        """Weight of the last convolution."""
        return self.layers[-1].get_parameter("weight")

    def forward(self, z: Tensor) -> Tensor:
        """Give (B, C, H, W) of maps (B, D, h, w)."""
        return self.layers(z)


class ResidualBlock(nn.Module):
    """Residual block of VQGAN: normalisation, SiLU and 3x3 convolution, twice; DDPM's without a noise level.

    Args:
        inputs: Features of the map that comes in.
        outputs: Features of the result.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(STYLE.norm(inputs), nn.SiLU(), STYLE.conv(inputs, outputs, 3)),
            *(STYLE.norm(outputs), nn.SiLU(), STYLE.conv(outputs, outputs, 3)),
        )
        self.shortcut = nn.Identity() if inputs == outputs else STYLE.conv(inputs, outputs, 1)
        once_named(self, "past", "shortcut")

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs, H, W) for maps (B, inputs, H, W)."""
        return self.shortcut(x) + self.layers(x)


class ShrinkingConvolution(nn.Module):
    """Halving of a map by a convolution of stride two; the row and column of zeros are below and on the right only.

    Args:
        features: Of the map.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.layer = nn.Conv2d(features, features, 3, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, features, H/2, W/2)."""
        return self.layer(pad(x, (0, 1, 0, 1)))


def attention(features: int) -> SpatialAttention:
    """Attention over positions, which does not start at zero as DDPM's does."""
    layer = SpatialAttention(STYLE, features)
    layer.out.reset_parameters()
    return layer


def resolution(inputs: int, features: int, blocks: int, attends: bool) -> Iterator[nn.Module]:
    """Give the residual blocks of a resolution, each with attention behind it where positions attend."""
    for block in range(blocks):
        yield ResidualBlock(features if block else inputs, features)
        if attends:
            yield attention(features)


def middle(features: int) -> Iterator[nn.Module]:
    """Give the layers at the smallest resolution."""
    yield from (ResidualBlock(features, features), attention(features), ResidualBlock(features, features))


def ending(features: int, outputs: int) -> Iterator[nn.Module]:
    """Give the layers that end a network."""
    yield from (STYLE.norm(features), nn.SiLU(), nn.Conv2d(features, outputs, 3, 1, 1))
