"""Up- and downsampling trunks of residual GANs: from a vector to a picture, from a picture to features."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn
from torch.nn.functional import relu

from gen_models.networks.gan.residual import conv
from gen_models.networks.layers.attention import attentions
from gen_models.networks.layers.sizes import smallest_map
from gen_models.networks.layers.weights import glorot

Pooling = Literal["sum", "mean"]


class Ascent(nn.Module):
    """Upsampling trunk, vector to picture: the smallest map, stages that double it, a normalisation and convolution.

    Args:
        inputs: Size of the vector.
        shape: (channels, side, side) of a picture.
        channels: Channels of the smallest map and of each stage's.
        stage: Makes a stage from its channels in and out; a stage maps a map and a condition to a map.
        attention: Side of the map that attends to itself, or the next smaller one that there is below the picture's
            own; None for none.
        bounded: End in tanh.
    """

    def __init__(
        self,
        inputs: int,
        shape: Sequence[int],
        channels: Sequence[int],
        stage: Callable[[int, int], nn.Module],
        attention: int | None,
        bounded: bool,
    ) -> None:
        super().__init__()
        self.side, _ = smallest_map(shape)
        self.project = nn.Linear(inputs, channels[0] * self.side**2)
        self.stages = nn.ModuleList(stage(*pair) for pair in pairwise(channels))
        sides = [self.side * 2**i for i in range(len(channels))]
        self.attentions = attentions(channels, sides, _below(shape, attention))
        last = conv(channels[-1], shape[0])
        self.output = nn.Sequential(
            nn.BatchNorm2d(channels[-1]), nn.ReLU(), last, nn.Tanh() if bounded else nn.Identity()
        )
        glorot(self.project)

    def forward(self, seed: Tensor, conditions: Iterable[Tensor | None]) -> Tensor:
        """Give pictures (B, *shape) for vectors (B, inputs) and a condition a stage."""
        attend, *attends = self.attentions
        x = attend(self.project(seed).unflatten(1, (-1, self.side, self.side)))
        for stage, attend, condition in zip(self.stages, attends, conditions, strict=True):
            x = attend(stage(x, condition))
        return self.output(x)


class Descent(nn.Module):
    """Downsampling trunk, picture to features: stages, of which the first halve it, a ReLU, a sum or mean over places.

    Args:
        shape: (channels, side, side) of a picture.
        channels: Channels of each stage's map.
        stages: The stages.
        halvings: How many of them halve the side.
        attention: As in `Ascent`.
        pooling: What is taken over places.
    """

    def __init__(
        self,
        shape: Sequence[int],
        channels: Sequence[int],
        stages: Sequence[nn.Module],
        halvings: int,
        attention: int | None,
        pooling: Pooling = "sum",
    ) -> None:
        super().__init__()
        self.pooling = pooling
        self.stages = nn.ModuleList(stages)
        sides = [shape[1] // 2 ** min(i + 1, halvings) for i in range(len(stages))]
        self.attentions = attentions(channels, sides, _below(shape, attention))

    def forward(self, x: Tensor) -> Tensor:
        """Give features (B, channels[-1]) of pictures (B, *shape)."""
        last = self.maps(x)[-1]
        return last.sum(dim=(2, 3)) if self.pooling == "sum" else last.mean(dim=(2, 3))

    def maps(self, x: Tensor) -> list[Tensor]:
        """Give the map that each stage makes of pictures (B, *shape), after a ReLU."""
        maps = []
        for stage, attend in zip(self.stages, self.attentions, strict=True):
            x = attend(stage(x))
            maps.append(relu(x))
        return maps


def _below(shape: Sequence[int], attention: int | None) -> int | None:
    """Attention at the picture's own size would cost the most and see the least."""
    return None if attention is None else min(attention, shape[1] // 2)
