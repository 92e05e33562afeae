"""Networks of VAE/GAN (Larsen et al. 2016, https://arxiv.org/abs/1512.09300), table 1.

Convolutions of 5×5 with batch normalisation and ReLU in all three. The decoder ends, and the critic begins, with a
convolution of the full size: where both only change the size, pictures keep a weave. Sides are halved upwards (28, 14,
7, 4), so any size will do. After the authors' code (andersbll/autoencoding_beyond_pixels, `architectures.py`), also
where the table says otherwise: an encoder that ends in 1,024 units, in place of 2,048.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.weights import EPSILON

SIDE = 5
"""Side of every kernel."""


@runtime_checkable
class Tapped(Protocol):
    """Critic that also gives the features of one of its layers."""

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give that layer's features (B, F) of samples (B, *shape), by a pass that ends there."""


class VAEGANEncoder(Body):
    """VAE/GAN encoder body: images (B, *shape) to features (B, num_features), table 1, left.

    Args:
        shape: (channels, side, side) of an image.
        channels: Channels of each map, which has half the side of the one before.
        hidden: Units of the last layer.
        classes: Classes appended as planes to the image; 0 for none.
    """

    def __init__(
        self, shape: Sequence[int], channels: Sequence[int] = (64, 128, 256), hidden: int = 1024, classes: int = 0
    ) -> None:
        super().__init__()
        self.classes, self.num_features = classes, hidden
        smallest = sides(shape, len(channels))[-1]
        downs = [_down(*ends) for ends in pairwise([shape[0] + classes, *channels])]
        self.layers = nn.Sequential(*downs, nn.Flatten(), _full(channels[-1] * smallest**2, hidden))
        self.apply(autofill)

    def begin(self, head: nn.Linear) -> None:
        """Start a layer on the features as the layers below it."""
        autofill(head)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of images (B, *shape)."""
        return self.layers(append_class(x, y, self.classes))


class VAEGANDecoder(nn.Module):
    """VAE/GAN decoder, its GAN's generator: latents (B, latent_dim) to images (B, *shape) in [-1, 1]; table 1, middle.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent.
        channels: Channels of the map that the latent becomes, and of each further one, of twice the side.
        classes: Classes appended to the latent; 0 for none.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        channels: Sequence[int] = (256, 256, 128, 32),
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.classes = classes
        largest, *smaller = sides(shape, len(channels) - 1)
        maps = [*reversed(smaller), largest]
        ups = [_up(*ends, *step) for ends, step in zip(pairwise(channels), pairwise(maps), strict=True)]
        self.layers = nn.Sequential(
            _full(latent_dim + classes, channels[0] * maps[0] ** 2),
            nn.Unflatten(1, (channels[0], maps[0], maps[0])),
            *ups,
            nn.Conv2d(channels[-1], shape[0], SIDE, padding=SIDE // 2),
            nn.Tanh(),
        )
        self.apply(autofill)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim)."""
        return self.layers(append_class(z, y, self.classes))


class VAEGANCritic(nn.Module):
    """VAE/GAN critic, which shows the features that samples are compared in; table 1, right.

    Those are the last convolution's, before their normalisation: its ninth operation in the authors' scripts. They are
    given in units of their standard deviation: what a distance in them weighs must not follow from the initial weights.

    Args:
        shape: (channels, side, side) of an image.
        channels: Channels of the first map, of the full size, and of each further one, of half the side.
        hidden: Units of the layer between the features and the logit.
        classes: Classes appended as planes to the image; 0 for none.
    """

    def __init__(
        self,
        shape: Sequence[int],
        channels: Sequence[int] = (32, 128, 256, 256),
        hidden: int = 512,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.classes = classes
        smallest = sides(shape, len(channels) - 1)[-1]
        first, *between = channels[:-1]
        self.body = nn.Sequential(
            nn.Conv2d(shape[0] + classes, first, SIDE, padding=SIDE // 2),
            nn.ReLU(),
            *(_down(*ends) for ends in pairwise([first, *between])),
            _halving(*channels[-2:]),
        )
        self.head = nn.Sequential(
            nn.BatchNorm2d(channels[-1]),
            nn.ReLU(),
            nn.Flatten(),
            _full(channels[-1] * smallest**2, hidden),
            nn.Linear(hidden, 1),
        )
        self.apply(autofill)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of images (B, *shape)."""
        return self.head(self.body(append_class(x, y, self.classes))).squeeze(1)

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the features (B, F) in units of their spread over the batch."""
        features = self.body(append_class(x, y, self.classes)).flatten(1)
        return features / (features.detach().var(dim=0).mean().sqrt() + EPSILON)


def sides(shape: Sequence[int], halvings: int) -> list[int]:
    """Sides of the maps of an image (channels, side, side), the largest first, each half of the one before, rounded up.

    Raises:
        ValueError: The samples are no square images, or too small.
    """
    if len(shape) != 3 or shape[1] != shape[2]:
        raise ValueError(f"VAE/GAN's networks make square images, and the data has shape {list(shape)}.")
    if shape[1] < 2**halvings:
        raise ValueError(f"images of {shape[1]} pixels a side can't be halved {halvings} times: give fewer channels.")
    return [math.ceil(shape[1] / 2**n) for n in range(halvings + 1)]


def autofill(layer: nn.Module) -> None:
    """Initial weights of a standard deviation of a third of 1/√fan-in, uniform, and no bias (deeppy's `AutoFiller`)."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        fan = layer.weight[0].numel() if not isinstance(layer, nn.ConvTranspose2d) else layer.weight[:, 0].numel()
        reach = 1 / math.sqrt(3 * fan)
        nn.init.uniform_(layer.weight, -reach, reach)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def _halving(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, SIDE, stride=2, padding=SIDE // 2, bias=False)


def _down(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(_halving(inputs, outputs), nn.BatchNorm2d(outputs), nn.ReLU())


def _up(inputs: int, outputs: int, side: int, larger: int) -> nn.Module:
    doubling = nn.ConvTranspose2d(
        inputs, outputs, SIDE, stride=2, padding=SIDE // 2, output_padding=larger - 2 * side + 1, bias=False
    )
    return nn.Sequential(doubling, nn.BatchNorm2d(outputs), nn.ReLU())


def _full(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU())
