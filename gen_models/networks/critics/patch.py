"""Critic of patches (PatchGAN: Isola et al. 2017, https://arxiv.org/abs/1611.07004)."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from gen_models.networks.layers.weights import start_normally

WIDEST = 8
"""Largest multiple of the first layer's features."""


class PatchCritic(nn.Module):
    """Critic of patches (PatchGAN): convolutions all the way to a map of logits, one for each patch of the picture.

    Isola et al. (2017), section 3.2.2, https://arxiv.org/abs/1611.07004, in the form of Esser et al. (2021),
    https://arxiv.org/abs/2012.09841: with three layers a logit sees 70 x 70 pixels, with two 34 x 34, with one 16 x 16.

    Args:
        shape: (C, H, W) of a picture.
        width: Features of the first layer; each further layer has twice as many, up to eight times as many.
        layers: Convolutions of stride two, at most: as many as leave a patch in the picture.

    Raises:
        ValueError: The samples are no pictures, or too small ones.
    """

    def __init__(self, shape: Sequence[int], width: int = 64, layers: int = 3) -> None:
        super().__init__()
        layers = min(layers, _fitting(shape))
        widths = [width * min(2**layer, WIDEST) for layer in range(layers + 1)]
        first = nn.Sequential(nn.Conv2d(shape[0], width, 4, 2, 1), nn.LeakyReLU(0.2))
        strides = [*[2] * (layers - 1), 1]
        further = [_layer(*pair, stride) for pair, stride in zip(pairwise(widths), strides, strict=True)]
        self.layers = nn.ModuleList([first, *further])
        self.head = nn.Conv2d(widths[-1], 1, 4, 1, 1)
        start_normally(self, 0.02)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, P) of the P patches of pictures (B, C, H, W)."""
        return self.trace(x, y)[0]

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give the logits (B, P), and the features (B, F, H', W') of every layer, the coarsest first."""
        maps: list[Tensor] = []
        for layer in self.layers:
            x = layer(x)
            maps.insert(0, x)
        return self.head(x).flatten(1), maps


def _fitting(shape: Sequence[int]) -> int:
    """Halvings of a picture after which two more kernels of 4 pixels leave something of it."""
    fitting = (min(shape[1:]) // 3).bit_length() - 1 if len(shape) == 3 else 0
    if fitting < 1:
        raise ValueError(f"a critic of patches judges pictures of 6 pixels a side at least, not {list(shape)}.")
    return fitting


def _layer(before: int, after: int, stride: int) -> nn.Sequential:
    conv = nn.Conv2d(before, after, 4, stride, 1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(after), nn.LeakyReLU(0.2))
