"""Convolutional networks from pictures to smaller maps of vectors, and back."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import relu


class MapEncoder(nn.Module):
    """Encoder of VQ-VAE: strided convolutions, then residual layers, pictures to maps of vectors.

    Van den Oord et al. (2017), section 4.1, https://arxiv.org/abs/1711.00937; widths as in deepmind/sonnet.

    Args:
        shape: (C, H, W) of a picture.
        size: Size D of a vector.
        width: Features.
        hidden: Features within a residual layer.
        blocks: Residual layers.
        halvings: How often the sides are halved.

    Attributes:
        grid: Rows and columns of a map.

    Raises:
        ValueError: The samples are no pictures, or their sides can't be halved so often.
    """

    def __init__(
        self,
        shape: Sequence[int],
        size: int = 64,
        width: int = 128,
        hidden: int = 32,
        blocks: int = 2,
        halvings: int = 2,
    ) -> None:
        super().__init__()
        channels, *sides = _picture(shape, halvings)
        self.size = size
        self.grid = sides[0] >> halvings, sides[1] >> halvings
        widths = [channels, width // 2, *[width] * (halvings - 1)]
        self.down = nn.ModuleList(nn.Conv2d(before, after, 4, 2, 1) for before, after in pairwise(widths))
        self.conv = nn.Conv2d(widths[-1], width, 3, 1, 1)
        self.residual = ResidualStack(width, hidden, blocks)
        self.last = nn.Conv2d(width, size, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Give maps (B, D, h, w) of pictures (B, C, H, W)."""
        for layer in self.down:
            x = relu(layer(x))
        return self.last(self.residual(relu(self.conv(x))))


class MapDecoder(nn.Module):
    """Decoder of VQ-VAE: residual layers, then transposed convolutions, maps of vectors to what a loss reads.

    Van den Oord et al. (2017), section 4.1, https://arxiv.org/abs/1711.00937; widths as in deepmind/sonnet.

    Args:
        shape: (C, H, W) of a picture.
        size: Size D of a vector.
        width: Features.
        hidden: Features within a residual layer.
        blocks: Residual layers.
        halvings: How often the sides are doubled.

    Raises:
        ValueError: The samples are no pictures, or their sides can't be halved so often.
    """

    def __init__(
        self,
        shape: Sequence[int],
        size: int = 64,
        width: int = 128,
        hidden: int = 32,
        blocks: int = 2,
        halvings: int = 2,
    ) -> None:
        super().__init__()
        channels, *_ = _picture(shape, halvings)
        self.conv = nn.Conv2d(size, width, 3, 1, 1)
        self.residual = ResidualStack(width, hidden, blocks)
        widths = [*[width] * max(1, halvings - 1), *[width // 2] * (halvings > 1), channels]
        self.up = nn.ModuleList(nn.ConvTranspose2d(before, after, 4, 2, 1) for before, after in pairwise(widths))

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


def _picture(shape: Sequence[int], halvings: int) -> tuple[int, int, int]:
    """Channels and sides of pictures that can be halved.

    Raises:
        ValueError: They can't.
    """
    if len(shape) != 3:
        raise ValueError(
            f"these networks make tokens of pictures, and the data has shape {list(shape)}: use data=digits."
        )
    if halvings < 1 or any(side % 2**halvings for side in shape[1:]):
        raise ValueError(
            f"sides of {shape[1]} and {shape[2]} pixels can't be halved {halvings} times: change data.size, or "
            "network.encoder.halvings."
        )
    return shape[0], shape[1], shape[2]
