"""StyleGAN2's critic (Karras et al. 2020, https://arxiv.org/abs/1912.04958): residual, or plain as for CIFAR-10."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from gen_models.networks.critics.heads import BodiedCritic, Body
from gen_models.networks.gan.equalised import MinibatchDeviation
from gen_models.networks.gan.stylegan2_layers import HALF, StyleConv, StyleLinear, StyleMapping, activated
from gen_models.networks.layers.former import once_named
from gen_models.networks.layers.sizes import map_channels, map_sides


class StyleBlock(nn.Module):
    """Critic block: two 3x3 convolutions, the second of which halves the side, and maybe a filtered shortcut.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        residual: Have the shortcut.
    """

    def __init__(self, inputs: int, outputs: int, residual: bool) -> None:
        super().__init__()
        self.keep = StyleConv(inputs, inputs, 3)
        self.fall = StyleConv(inputs, outputs, 3, down=True)
        self.shortcut = StyleConv(inputs, outputs, 1, down=True, bias=False) if residual else None
        once_named(self, "skip", "shortcut")

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs, H/2, W/2) for (B, inputs, H, W)."""
        y = activated(self.fall(activated(self.keep(x))))
        return y if self.shortcut is None else HALF * (self.shortcut(x) + y)


class StyleGAN2Body(Body):
    """StyleGAN2 critic body: images (B, *shape) to features (B, num_features), with the deviation of the minibatch.

    Karras et al. (2020), https://arxiv.org/abs/1912.04958.

    Args:
        shape: (channels, side, side) of an image.
        base: As in `StyleGAN2Generator`.
        limit: Most channels of a map.
        residual: Whether blocks have shortcuts.
        group: Samples over which the deviation is taken.

    Raises:
        ValueError: The images can't be halved to 4 to 7 pixels.
    """

    def __init__(
        self, shape: Sequence[int], base: int = 32768, limit: int = 512, residual: bool = True, group: int = 4
    ) -> None:
        super().__init__()
        sides = map_sides(shape)
        channels = map_channels(sides, base, limit)
        self.classes, self.num_features = 0, channels[0]
        self.from_pixels = StyleConv(shape[0], channels[-1], 1)
        self.blocks = nn.Sequential(*(StyleBlock(i, o, residual) for i, o in pairwise(reversed(channels))))
        self.deviation = MinibatchDeviation(group)
        self.last = StyleConv(channels[0] + 1, channels[0], 3)
        self.dense = StyleLinear(channels[0] * sides[0] ** 2, channels[0])

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of images (B, *shape)."""
        x = self.blocks(activated(self.from_pixels(x)))
        return activated(self.dense(activated(self.last(self.deviation(x))).flatten(1)))


class StyleGAN2Critic(BodiedCritic):
    """StyleGAN2 critic: an equalised logit, or the product of features with a mapped class.

    Karras et al. (2020), Training generative adversarial networks with limited data, https://arxiv.org/abs/2006.06676,
    and the projection of Miyato and Koyama (2018), https://arxiv.org/abs/1802.05637.

    Args:
        body: Gives the features.
        classes: Classes that are embedded and mapped by eight layers; 0 for none.
    """

    def __init__(self, body: Body, classes: int = 0) -> None:
        super().__init__()
        self.body, self.classes = body, classes
        size = body.num_features if classes else 1
        self.head = StyleLinear(body.num_features, size)
        self.mapping = StyleMapping(0, size, 8, classes) if classes else None

    def logits(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of features (B, num_features) of classes (B,)."""
        vectors = self.head(features)
        if self.mapping is None:
            return vectors.squeeze(1)
        return (vectors * self.mapping(None, y)).sum(1) / math.sqrt(vectors.shape[1])
