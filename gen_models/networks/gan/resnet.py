"""Residual networks of SNGAN (Miyato et al. 2018, https://arxiv.org/abs/1802.05957).

Two numbers state all of the paper's architectures: `width`, the channels of the largest map, and `limit`, up to which
they double with every halving of the side. From the paper's tables and the authors' code:

| pixels | generator       | body                                      |
|--------|-----------------|-------------------------------------------|
| 32     | width=limit=256 | width=limit=128, smallest=8, flat=2       |
| 48     | 64, 512         | 64, 1024, smallest=3, flat=1              |
| 64     | 64, 1024        | 64, 1024, smallest=2, flat=0              |
| 128    | 64, 1024        | 64, 1024, smallest=4, flat=1              |

With attention, spectral normalisation in both networks and a wide body they are those of SAGAN (Zhang et al. 2019,
https://arxiv.org/abs/1805.08318).
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.gan.pyramid import Ascent, Descent, Pooling
from gen_models.networks.gan.residual import CriticResidualBlock, GeneratorResidualBlock
from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.sizes import smallest_map
from gen_models.networks.layers.weights import Start, glorot, normalise_spectrally, start_anew


class ResNetGenerator(nn.Module):
    """SNGAN residual generator: latents (B, latent_dim) to images (B, *shape).

    Miyato et al. (2018), https://arxiv.org/abs/1802.05957.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent.
        width: Channels of the largest map.
        limit: Channels of the smaller ones double up to this.
        classes: Classes that choose the gains and biases of normalisations; 0 for none.
        attention: Side of the map that attends to itself, or the next smaller one that there is; None for none.
        spectral: Divide every layer's weight by its largest singular value.
        bounded: End in tanh; a decoder's raw output is unbounded.
        start: How weights start; those of class embeddings at 0 by `glorot`.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        width: int = 64,
        limit: int = 1024,
        classes: int = 0,
        attention: int | None = None,
        spectral: bool = False,
        bounded: bool = True,
        start: Start = "glorot",
    ) -> None:
        super().__init__()
        self.classes = classes
        channels = _ladder(width, limit, smallest_map(shape)[1] + 1)[::-1]
        block = partial(GeneratorResidualBlock, embed=partial(nn.Embedding, classes) if classes else None)
        self.ascent = Ascent(latent_dim, shape, channels, block, attention, bounded)
        start_anew(self, start)
        if spectral:
            normalise_spectrally(self)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim)."""
        condition = required(y) if self.classes else None
        return self.ascent(z, [condition] * len(self.ascent.stages))


class ResNetBody(Body):
    """SNGAN residual discriminator body: images (B, *shape) to features (B, num_features).

    Miyato et al. (2018), https://arxiv.org/abs/1802.05957.

    Args:
        shape: (channels, side, side) of an image.
        width: Channels of the largest map.
        limit: Channels of the smaller ones double up to this.
        smallest: The side is halved down to this, at least.
        flat: Blocks after that, which keep the side.
        wide: Blocks widen at their first convolution (SAGAN), not at their second one.
        attention: Side of the map that attends to itself, or the next smaller one that there is; None for none.
        pooling: What is taken of the last map over places: the sum, or the mean (WGAN-GP).
        start: How weights start, also those of layers on the features: by Glorot in the code of SNGAN's, WGAN-GP's and
            SAGAN's authors.
    """

    def __init__(
        self,
        shape: Sequence[int],
        width: int = 64,
        limit: int = 1024,
        smallest: int = 4,
        flat: int = 1,
        wide: bool = False,
        attention: int | None = None,
        pooling: Pooling = "sum",
        start: Start = "glorot",
    ) -> None:
        super().__init__()
        self.classes, self.start = 0, start
        _, halvings = smallest_map(shape, smallest)
        channels = [shape[0], *_ladder(width, limit, halvings + flat)]
        self.num_features = channels[-1]
        blocks = [
            CriticResidualBlock(inputs, outputs, outputs if wide or i == 0 else inputs, down=i < halvings, first=i == 0)
            for i, (inputs, outputs) in enumerate(pairwise(channels))
        ]
        self.descent = Descent(shape, channels[1:], blocks, halvings, attention, pooling)
        start_anew(self, start)

    def begin(self, head: nn.Linear) -> None:
        """Weights as all layers have them, and no bias."""
        glorot(head)
        start_anew(head, self.start)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of images (B, *shape)."""
        return self.descent(x)


def _ladder(width: int, limit: int, count: int) -> list[int]:
    return [min(width * 2**i, limit) for i in range(count)]
