"""DCGAN (Radford et al. 2016, https://arxiv.org/abs/1511.06434).

Strided convolutions, no pooling, no hidden fully connected layers; ReLU in the generator and leaky ReLU in the body;
weights from N(0, 0.02). The number of layers follows from the size of the images: each halves or doubles it, down to a
map of 4 to 7 pixels. The paper's kernels are 5x5; most ports, and the default here, use 4x4.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.conditioning import ConditionedSequential, Where, append_class, appended
from gen_models.networks.layers.sizes import smallest_map
from gen_models.networks.layers.weights import normal_gain, normal_weight, zero_bias

FirstNorm = Literal["channel", "feature"]
Start = Literal["normal", "he"]


class DCGANGenerator(nn.Module):
    """DCGAN generator: latents (B, latent_dim) to images (B, *shape), by transposed convolutions.

    Radford et al. (2016), https://arxiv.org/abs/1511.06434.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent.
        width: Channels of the largest hidden map; each smaller one has twice as many.
        kernel: Side of the kernels, 4 or 5.
        classes: Classes appended to the latent; 0 for none.
        bounded: End in tanh; a decoder's raw output is unbounded.
        where: Append the class to the latent only, or also as planes to every map.
        bias: Give the last layer a bias; the authors' code has none.
        first: What the first batch normalisation has statistics and gains of: each channel, or each feature as in the
            authors' code.
        start: Initial weights: N(0, 0.02), or uniform of He's variance (WGAN-GP).
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        width: int = 64,
        kernel: int = 4,
        classes: int = 0,
        bounded: bool = True,
        where: Where = "input",
        bias: bool = True,
        first: FirstNorm = "channel",
        start: Start = "normal",
    ) -> None:
        super().__init__()
        self.side, doublings = smallest_map(shape)
        self.classes = classes
        _, *counts = appended(doublings + 1, classes, where)
        channels = [width * 2**i for i in reversed(range(doublings))]
        self.project = nn.Linear(latent_dim + classes, channels[0] * self.side**2, bias=False)
        self.first = _first(first, channels[0], self.side)
        pairs = zip(pairwise(channels), counts[:-1], strict=True)
        blocks = [_up(inputs + count, outputs, kernel) for (inputs, outputs), count in pairs]
        self.blocks = ConditionedSequential(
            [*blocks, transposed(channels[-1] + counts[-1], shape[0], kernel, bias)], counts
        )
        self.output = nn.Tanh() if bounded else nn.Identity()
        self.apply(STARTS[start])

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim)."""
        seed = self.first(self.project(append_class(z, y, self.classes)))
        return self.output(self.blocks(seed, y))


class DCGANBody(Body):
    """DCGAN discriminator body: images (B, *shape) to features (B, num_features), by strided convolutions.

    Radford et al. (2016), https://arxiv.org/abs/1511.06434.

    Args:
        shape: (channels, side, side) of an image.
        width: Channels of the largest hidden map; each smaller one has twice as many.
        kernel: Side of the kernels, 4 or 5.
        norm: Batch normalisation in all layers but the first.
        classes: Classes appended as planes to the image; 0 for none.
        where: Append the class to the image only, or also to every map and to the features.
        bias: Give layers without batch normalisation a bias; the authors' code has none.
        start: As in `DCGANGenerator`.
    """

    def __init__(
        self,
        shape: Sequence[int],
        width: int = 64,
        kernel: int = 4,
        norm: bool = True,
        classes: int = 0,
        where: Where = "input",
        bias: bool = True,
        start: Start = "normal",
    ) -> None:
        super().__init__()
        side, halvings = smallest_map(shape)
        self.classes = classes
        *counts, self.beside = appended(halvings + 1, classes, where)
        channels = [shape[0], *(width * 2**i for i in range(halvings))]
        self.num_features = channels[-1] * side**2 + self.beside
        edges = enumerate(zip(pairwise(channels), counts, strict=True))
        blocks = [_down(i + count, o, kernel, norm and n > 0, bias) for n, ((i, o), count) in edges]
        self.blocks = ConditionedSequential(blocks, counts)
        self._start = STARTS[start]
        self.apply(self._start)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of images (B, *shape)."""
        return append_class(self.blocks(x, y).flatten(1), y, self.beside)

    def begin(self, head: nn.Linear) -> None:
        """Start the logit as the convolutions: it is the last of them."""
        self._start(head)


def normal(layer: nn.Module) -> None:
    """DCGAN initialisation: weights from N(0, 0.02), gains from N(1, 0.02) (section 3, and the authors' code).

    Biases, of which the authors' networks have none, start as torch's.
    """
    normal_weight(layer, 0.02)
    normal_gain(layer, 0.02)


def he_uniform(layer: nn.Module) -> None:
    """He initialisation of strided convolutions, uniform: variance 4 / (fan in + fan out); linear layers by Glorot.

    igul222/improved_wgan_training, tflib/ops: a stride divides the fan of the smaller map by its square.
    """
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        large, small = layer.weight[0].numel(), layer.weight[:, 0].numel()
        fans = large + small / math.prod(layer.stride)
        reach = math.sqrt(12 / fans)
        nn.init.uniform_(layer.weight, -reach, reach)
    elif isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
    zero_bias(layer)


STARTS: Mapping[Start, Callable[[nn.Module], None]] = MappingProxyType({"normal": normal, "he": he_uniform})


def margin(kernel: int) -> int:
    """Padding with which a convolution of stride 2 exactly halves the side."""
    if kernel not in (4, 5):
        raise ValueError(f"dcgan kernels are 4 or 5 pixels wide, not {kernel}.")
    return (kernel - 1) // 2


def transposed(inputs: int, outputs: int, kernel: int, bias: bool) -> nn.Module:
    """A transposed convolution that exactly doubles the side."""
    padding = margin(kernel)
    return nn.ConvTranspose2d(inputs, outputs, kernel, 2, padding, output_padding=kernel - 4, bias=bias)


def _first(norm: FirstNorm, channels: int, side: int) -> nn.Sequential:
    """From features (B, channels · side²) to the smallest map; the normalisation keeps its place for old weights."""
    units, to_map = channels * side**2, nn.Unflatten(1, (channels, side, side))
    if norm == "feature":
        return nn.Sequential(nn.BatchNorm1d(units), nn.ReLU(), to_map)
    return nn.Sequential(OrderedDict(map=to_map, **{"0": nn.BatchNorm2d(channels), "1": nn.ReLU()}))


def _up(inputs: int, outputs: int, kernel: int) -> nn.Module:
    return nn.Sequential(transposed(inputs, outputs, kernel, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def _down(inputs: int, outputs: int, kernel: int, norm: bool, bias: bool) -> nn.Module:
    convolution = nn.Conv2d(inputs, outputs, kernel, 2, margin(kernel), bias=bias and not norm)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs) if norm else nn.Identity(), nn.LeakyReLU(0.2))
