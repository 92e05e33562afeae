"""BigGAN-deep, deeper and with fewer weights (Brock et al. 2019, appendix B, figure 16, https://arxiv.org/abs/1809.11096).

Bottleneck blocks, two a stage; shortcuts drop or append channels and so leave the others untouched; the whole latent
joins the embedding of the class as the one condition of all normalisations.
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, relu

from gen_models.networks.critics.heads import Body
from gen_models.networks.gan.biggan import body_channels, generator_channels
from gen_models.networks.gan.pyramid import Ascent, Descent
from gen_models.networks.gan.residual import conv, doubled
from gen_models.networks.layers.conditioning import ConditionalBatchNorm, Embed, required
from gen_models.networks.layers.weights import normalise_spectrally, orthogonal

BOTTLENECK = 4
"""How many times fewer channels a block has inside."""


class DeepGeneratorBlock(nn.Module):
    """Bottleneck block of the generator: 1x1, 3x3, 3x3, 1x1 convolutions; the shortcut drops channels.

    Each convolution follows a normalisation and a ReLU.

    Args:
        inputs: Channels of the map.
        outputs: Channels of the result, at most `inputs`.
        embed: Maps the condition to gains and biases.
        up: Double the side.
    """

    def __init__(self, inputs: int, outputs: int, embed: Embed, up: bool) -> None:
        super().__init__()
        hidden = inputs // BOTTLENECK
        sizes = [(inputs, hidden, 1), (hidden, hidden, 3), (hidden, hidden, 3), (hidden, outputs, 1)]
        self.norms = nn.ModuleList(ConditionalBatchNorm(channels, embed) for channels, _, _ in sizes)
        self.convs = nn.ModuleList(conv(*size) for size in sizes)
        self.outputs = outputs
        self.up = up

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """Give (B, outputs, 2H, 2W), or of the same side, for (B, inputs, H, W)."""
        residual = x
        for i, (norm, layer) in enumerate(zip(self.norms, self.convs, strict=True)):
            residual = relu(norm(residual, condition))
            residual = layer(doubled(residual) if self.up and i == 1 else residual)
        x = x[:, : self.outputs]
        return residual + (doubled(x) if self.up else x)


class DeepGeneratorStage(nn.Module):
    """Generator stage: a block that keeps the map's size and one that doubles its side.

    Args:
        inputs: Channels of the map.
        outputs: Channels of the map of twice the side.
        embed: Maps the condition to gains and biases.
    """

    def __init__(self, inputs: int, outputs: int, embed: Embed) -> None:
        super().__init__()
        self.keep = DeepGeneratorBlock(inputs, inputs, embed, up=False)
        self.rise = DeepGeneratorBlock(inputs, outputs, embed, up=True)

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """Give (B, outputs, 2H, 2W) for (B, inputs, H, W)."""
        return self.rise(self.keep(x, condition), condition)


class DeepCriticBlock(nn.Module):
    """Bottleneck block of the critic: 1x1, 3x3, 3x3, 1x1 convolutions; the shortcut appends missing channels.

    Each convolution follows a ReLU.

    Args:
        inputs: Channels of the map.
        outputs: Channels of the result, at least `inputs`.
        down: Halve the side.
    """

    def __init__(self, inputs: int, outputs: int, down: bool) -> None:
        super().__init__()
        hidden = outputs // BOTTLENECK
        self.convs = nn.ModuleList([conv(inputs, hidden, 1), conv(hidden, hidden), conv(hidden, hidden)])
        self.last = conv(hidden, outputs, 1)
        self.missing = conv(inputs, outputs - inputs, 1) if outputs > inputs else None
        self.down = down

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs, H/2, W/2), or of the same side, for (B, inputs, H, W)."""
        residual = x
        for layer in self.convs:
            residual = layer(relu(residual))
        residual = relu(residual)
        if self.down:
            residual, x = avg_pool2d(residual, 2), avg_pool2d(x, 2)
        if self.missing is not None:
            x = torch.cat([x, self.missing(x)], dim=1)
        return self.last(residual) + x


class BigGANDeepGenerator(nn.Module):
    """BigGAN-deep generator: latents (B, latent_dim) to images (B, *shape).

    Brock et al. (2019), appendix B, https://arxiv.org/abs/1809.11096.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent.
        width: The paper's ch: 128.
        classes: Classes that condition the normalisations; 0 for none.
        embedding: Size of a class's embedding.
        attention: Side of the map that attends to itself, or the next smaller one that there is; None for none.

    Raises:
        ValueError: The images are not 8 to 512 pixels wide.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        width: int = 128,
        classes: int = 0,
        embedding: int = 128,
        attention: int | None = 64,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.embed = nn.Embedding(classes, embedding) if classes else None
        condition = latent_dim + (embedding if classes else 0)
        stage = partial(DeepGeneratorStage, embed=partial(nn.Linear, condition, bias=False))
        self.ascent = Ascent(condition, shape, generator_channels(shape, width), stage, attention, bounded=True)
        orthogonal(self)
        normalise_spectrally(self)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim)."""
        condition = z if self.embed is None else torch.cat([z, self.embed(required(y))], dim=1)
        return self.ascent(condition, [condition] * len(self.ascent.stages))


class BigGANDeepBody(Body):
    """BigGAN-deep discriminator body: images (B, *shape) to features (B, num_features).

    Brock et al. (2019), appendix B, https://arxiv.org/abs/1809.11096.

    Args:
        shape: (channels, side, side) of an image.
        width: The paper's ch: 128.
        attention: Side of the map that attends to itself, or the next smaller one that there is; None for none.

    Raises:
        ValueError: The images are not 8 to 512 pixels wide.
    """

    def __init__(self, shape: Sequence[int], width: int = 128, attention: int | None = 64) -> None:
        super().__init__()
        self.classes = 0
        channels, halvings = body_channels(shape, width)
        self.num_features = channels[-1]
        self.first = conv(shape[0], channels[0])
        stages = [
            nn.Sequential(DeepCriticBlock(*pair, down=i < halvings), DeepCriticBlock(pair[1], pair[1], down=False))
            for i, pair in enumerate(pairwise(channels))
        ]
        self.descent = Descent(shape, channels[1:], stages, halvings, attention)
        orthogonal(self)

    def begin(self, head: nn.Linear) -> None:
        """Orthogonal weights, as all layers have."""
        orthogonal(head)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of images (B, *shape)."""
        return self.descent(self.first(x))
