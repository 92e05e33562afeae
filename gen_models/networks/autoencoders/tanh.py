"""Perceptrons of tanh for autoencoders of binary pixels (Burda et al. 2016, https://arxiv.org/abs/1509.00519).

After the authors' code, yburda/iwae, `nnet.py` and `iwae.py`: weights by Glorot, no biases at first but the output's,
and pixels from 0 to 1. Where these are missing (torch's weights, pixels from -1 to 1, an even grey) the latents are
switched off at once: after 2,500 turns of binary MNIST the bound is 168 nats in place of 124.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.weights import glorot, linear
from gen_models.networks.marginals import marginal_logits

CLOSEST = 0.001
"""Closest to black or white that a marginal begins."""


class TanhBody(Body):
    """Tanh encoder: samples (B, *shape) in [-1, 1], seen as pixels in [0, 1], to features (B, num_features).

    Burda et al. (2016), section 5 and appendix C, https://arxiv.org/abs/1509.00519.

    Args:
        shape: Shape of a sample.
        hidden: Sizes of the hidden layers; the last are the features.
        classes: Classes appended to the input; 0 for none.
    """

    def __init__(self, shape: Sequence[int], hidden: Sequence[int] = (200, 200), classes: int = 0) -> None:
        super().__init__()
        self.classes = classes
        self.num_features = hidden[-1]
        self.layers = _chain([math.prod(shape) + classes, *hidden])

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of samples (B, *shape)."""
        return self.layers(append_class((x.flatten(1) + 1) / 2, y, self.classes))

    def begin(self, head: nn.Linear) -> None:
        """Start a layer on the features as the layers below it."""
        glorot(head)


class TanhDecoder(nn.Module):
    """Tanh decoder: latents (B, latent_dim) to logits (B, *shape) of binary pixels, at first those of the marginals.

    Burda et al. (2016), section 5 and appendix C, https://arxiv.org/abs/1509.00519.

    Args:
        shape: Shape of a sample.
        latent_dim: Size of a latent.
        hidden: Sizes of the hidden layers.
        classes: Classes appended to the latent; 0 for none.
    """

    def __init__(
        self, shape: Sequence[int], latent_dim: int, hidden: Sequence[int] = (200, 200), classes: int = 0
    ) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.classes = classes
        self.layers = _chain([latent_dim + classes, *hidden])
        self.output = linear(hidden[-1], math.prod(shape))

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, *shape) for latents (B, latent_dim)."""
        return self.output(self.layers(append_class(z, y, self.classes))).unflatten(1, self.shape)

    @torch.no_grad()
    def begin_at(self, mean: Tensor) -> None:
        """Give each output the bias at which it is the mean (*shape) of the data, for features of 0."""
        self.output.bias.copy_(marginal_logits(mean, CLOSEST))


def _chain(sizes: Sequence[int]) -> nn.Sequential:
    """Layers of tanh between these sizes."""
    return nn.Sequential(*(part for pair in pairwise(sizes) for part in (linear(*pair), nn.Tanh())))
