"""Plain convolutional networks of SNGAN, for pictures of 32 and 48 pixels (Miyato et al. 2018, table 3).

https://arxiv.org/abs/1802.05957. Others call them SNDCGAN. Where the program of the authors' laboratory differs
(pfnet-research/chainer-gan-lib, common/net.py), the table is followed: there the generator's first layer is normalised
and rectified, the discriminator widens where it halves, and its slopes are 0.2, not 0.1.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.gan.dcgan import transposed
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.sizes import smallest_map
from gen_models.networks.layers.weights import normal_weight, zero_bias


class SNDCGANGenerator(nn.Module):
    """SNDCGAN generator: latents (B, latent_dim) to images (B, *shape), by transposed convolutions and a 3x3 one.

    Miyato et al. (2018), table 3a, https://arxiv.org/abs/1802.05957.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent.
        width: Channels of the largest hidden map; each smaller one has twice as many.
        classes: Classes appended to the latent; 0 for none.
    """

    def __init__(self, shape: Sequence[int], latent_dim: int, width: int = 64, classes: int = 0) -> None:
        super().__init__()
        self.classes = classes
        side, doublings = smallest_map(shape)
        channels = [width * 2**i for i in reversed(range(doublings + 1))]
        dense = nn.Linear(latent_dim + classes, channels[0] * side**2)
        ups = [_up(*pair) for pair in pairwise(channels)]
        last = nn.Conv2d(width, shape[0], 3, padding=1)
        self.layers = nn.Sequential(dense, nn.Unflatten(1, (channels[0], side, side)), *ups, last, nn.Tanh())
        self.apply(_begin)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim)."""
        return self.layers(append_class(z, y, self.classes))


class SNDCGANBody(Body):
    """SNDCGAN discriminator body: images (B, *shape) to features, by 3x3 convolutions that widen and 4x4 that halve.

    Miyato et al. (2018), table 3b, https://arxiv.org/abs/1802.05957.

    Args:
        shape: (channels, side, side) of an image.
        width: Channels of the largest map; each smaller one has twice as many.
        classes: Classes appended as planes to the image; 0 for none.
    """

    def __init__(self, shape: Sequence[int], width: int = 64, classes: int = 0) -> None:
        super().__init__()
        self.classes = classes
        side, halvings = smallest_map(shape)
        channels = [width * 2**i for i in range(halvings + 1)]
        widenings = pairwise([shape[0] + classes, *channels])
        halved = [layer for i, o in list(widenings)[:-1] for layer in (*_flat(i, o), *_down(o))]
        self.layers = nn.Sequential(*halved, *_flat(channels[-2], channels[-1]), nn.Flatten())
        self.num_features = channels[-1] * side**2
        self.apply(_begin)

    def begin(self, head: nn.Linear) -> None:
        """Start a layer on the features as the convolutions."""
        _begin(head)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of images (B, *shape)."""
        return self.layers(append_class(x, y, self.classes))


def _up(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(transposed(inputs, outputs, 4, bias=True), nn.BatchNorm2d(outputs), nn.ReLU())


def _flat(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1), nn.LeakyReLU(0.1)


def _down(channels: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(channels, channels, 4, 2, 1), nn.LeakyReLU(0.1)


def _begin(layer: nn.Module) -> None:
    """Weights from N(0, 0.02), the table's caption names none; biases of 0."""
    normal_weight(layer, 0.02)
    zero_bias(layer)
