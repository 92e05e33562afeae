"""Fully connected networks, for samples of any shape."""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from gen_models.networks.conditioning import append_class
from gen_models.networks.heads import Body


class MLPGenerator(nn.Module):
    """Latents to samples.

    Args:
        shape: Shape of a sample.
        latent_dim: Size of a latent.
        hidden: Sizes of the hidden layers.
        classes: Classes appended to the latent; 0 for none.
        bounded: End in tanh; a decoder's raw output is unbounded.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        hidden: Sequence[int] = (256, 512),
        classes: int = 0,
        bounded: bool = True,
    ) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.classes = classes
        sizes = [latent_dim + classes, *hidden]
        self.layers = nn.Sequential(*_stack(sizes), nn.Linear(sizes[-1], math.prod(shape)))
        self.output = nn.Tanh() if bounded else nn.Identity()

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give samples (B, *shape) for latents (B, latent_dim)."""
        return self.output(self.layers(append_class(z, y, self.classes))).view(len(z), *self.shape)


class MLPBody(Body):
    """Samples to features.

    Args:
        shape: Shape of a sample.
        hidden: Sizes of the hidden layers; the last are the features.
        classes: Classes appended to the input; 0 for none.
    """

    def __init__(self, shape: Sequence[int], hidden: Sequence[int] = (512, 256), classes: int = 0) -> None:
        super().__init__()
        self.classes = classes
        self.num_features = hidden[-1]
        self.layers = nn.Sequential(*_stack([math.prod(shape) + classes, *hidden]))

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of samples (B, *shape)."""
        return self.layers(append_class(x.flatten(1), y, self.classes))


def _stack(sizes: Sequence[int]) -> list[nn.Module]:
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    return [layer for inputs, outputs in pairs for layer in (nn.Linear(inputs, outputs), nn.LeakyReLU(0.2))]
