"""Sigmoid generator of the first GAN (Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661).

After the authors' code, goodfeli/adversarial, `mnist.yaml`; its opponent is `MaxoutBody`.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.weights import uniformly
from gen_models.networks.marginals import marginal_logits

CERTAIN = 1e-7
"""Closest to black or white that a marginal begins, as in the authors' library: a border is black from the start."""


class SigmoidGenerator(nn.Module):
    """First GAN's generator: latents (B, latent_dim) to samples (B, *shape), by layers of ReLU and a sigmoid.

    Goodfellow et al. (2014), https://arxiv.org/abs/1406.2661. The sigmoid's [0, 1] is stretched to [-1, 1]; its biases
    begin at the logits of the data's marginals.

    Args:
        shape: Shape of a sample.
        latent_dim: Size of a latent.
        hidden: Sizes of the hidden layers.
        classes: Classes appended to the latent; 0 for none.
        reach: Weights begin uniform in ±reach.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        hidden: Sequence[int] = (1200, 1200),
        classes: int = 0,
        reach: float = 0.05,
    ) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.classes = classes
        sizes = [latent_dim + classes, *hidden, math.prod(shape)]
        layers = [nn.Linear(*pair) for pair in pairwise(sizes)]
        self.layers = nn.ModuleList(layers)
        for layer in layers:
            uniformly(layer, reach)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give samples (B, *shape) in [-1, 1] for latents (B, latent_dim)."""
        x = append_class(z, y, self.classes)
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return (2 * self.layers[-1](x).sigmoid() - 1).unflatten(1, self.shape)

    @torch.no_grad()
    def begin_at(self, mean: Tensor) -> None:
        """Give each output the bias at which it is the mean (*shape) of the data, for features of 0."""
        self.layers[-1].get_parameter("bias").copy_(marginal_logits(mean, CERTAIN))
