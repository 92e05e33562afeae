"""Networks of VQ-VAE: convolutions from pictures to smaller maps of vectors, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

from torch import Tensor, nn
from torch.nn.functional import relu

from gen_models.networks.layers.weights import start_as_sonnet
from gen_models.networks.tokenisers.base import TokenDecoder, TokenEncoder, grid_of


@dataclass(frozen=True)
class MapSizes:
    """Sizes of VQ-VAE's encoder, and of the decoder that is its mirror image.

    Van den Oord et al. (2017), section 4.1, https://arxiv.org/abs/1711.00937; widths as in deepmind/sonnet.
    """

    shape: Sequence[int]
    """(C, H, W) of a picture."""
    size: int = 64
    """Size D of a vector."""
    width: int = 128
    """Features."""
    hidden: int = 32
    """Features within a residual layer."""
    blocks: int = 2
    """Residual layers."""
    halvings: int = 2
    """How often the sides are halved."""

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of a map."""
        return grid_of(self.shape, self.halvings)

    @property
    def steps(self) -> Sequence[tuple[int, int]]:
        """Features before and after each halving, the first one that of the picture's channels."""
        return list(pairwise([self.shape[0], self.width // 2, *[self.width] * (self.halvings - 1)]))

    def residual(self) -> "ResidualStack":
        """The layers at the size of a map."""
        return ResidualStack(self.width, self.hidden, self.blocks)


class MapEncoder(TokenEncoder):
    """Encoder of VQ-VAE: strided convolutions, then residual layers, pictures to maps of vectors.

    Van den Oord et al. (2017), section 4.1, https://arxiv.org/abs/1711.00937; widths and first weights as in
    google-deepmind/sonnet.

    Args:
        sizes: See `MapSizes`.

    Raises:
        ValueError: The samples are no pictures, or their sides can't be halved so often.
    """

    def __init__(self, **sizes: Annotated[Any, MapSizes]) -> None:
        super().__init__()
        chosen = MapSizes(**sizes)
        self.size, self.grid = chosen.size, chosen.grid
        self.down = nn.ModuleList(nn.Conv2d(before, after, 4, 2, 1) for before, after in chosen.steps)
        self.conv = nn.Conv2d(chosen.steps[-1][1], chosen.width, 3, 1, 1)
        self.residual = chosen.residual()
        self.last = nn.Conv2d(chosen.width, chosen.size, 1)
        start_as_sonnet(self)

    def features(self, x: Tensor) -> Tensor:
        """Give features (B, width, h, w) of pictures (B, C, H, W)."""
        for layer in self.down:
            x = relu(layer(x))
        return self.residual(relu(self.conv(x)))

    def forward(self, x: Tensor) -> Tensor:
        """Give maps (B, D, h, w) of pictures (B, C, H, W)."""
        return self.last(self.features(x))


class MapDecoder(TokenDecoder):
    """Decoder of VQ-VAE: residual layers, then transposed convolutions, maps of vectors to what a loss reads.

    Van den Oord et al. (2017), section 4.1, https://arxiv.org/abs/1711.00937; widths and first weights as in
    google-deepmind/sonnet.

    Args:
        sizes: See `MapSizes`.

    Raises:
        ValueError: The samples are no pictures, or their sides can't be halved so often.
    """

    def __init__(self, **sizes: Annotated[Any, MapSizes]) -> None:
        super().__init__()
        chosen = MapSizes(**sizes)
        self.grid = chosen.grid
        self.conv = nn.Conv2d(chosen.size, chosen.width, 3, 1, 1)
        self.residual = chosen.residual()
        back = [(after, before) for before, after in reversed(chosen.steps)]
        back[0] = chosen.width, back[0][1]  # what the encoder's convolution leads to where it halves only once
        self.up = nn.ModuleList(nn.ConvTranspose2d(before, after, 4, 2, 1) for before, after in back)
        start_as_sonnet(self)

    @property
    def last(self) -> Tensor:
        """Weight of the last transposed convolution."""
        return self.up[-1].get_parameter("weight")

    def forward(self, z: Tensor) -> Tensor:
        """Give (B, C, H, W) of maps (B, D, h, w)."""
        x = self.residual(self.conv(z))
        for index, layer in enumerate(self.up):
            x = layer(relu(x) if index else x)
        return x


class ResidualStack(nn.Module):
    """Residual layers: a 3x3 and a 1x1 convolution, each after a ReLU; one more ReLU behind the last.

    Args:
        width: Features.
        hidden: Features between the two.
        blocks: Layers.
    """

    def __init__(self, width: int, hidden: int, blocks: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.ReLU(), nn.Conv2d(width, hidden, 3, 1, 1), nn.ReLU(), nn.Conv2d(hidden, width, 1))
            for _ in range(blocks)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Give features of the same shape."""
        for layer in self.layers:
            x = x + layer(x)
        return relu(x)
