"""Multilayer perceptrons, for samples of any shape."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.conditioning import ConditionedSequential, Where, append_class, appended
from gen_models.networks.layers.dropout import Dropout
from gen_models.networks.layers.noise import InputNoise


class MLPGenerator(nn.Module):
    """Multilayer perceptron generator or decoder: latents (B, latent_dim) to samples (B, *shape).

    Args:
        shape: Shape of a sample.
        latent_dim: Size of a latent.
        hidden: Sizes of the hidden layers.
        classes: Classes appended to the latent; 0 for none.
        bounded: End in tanh; a decoder's raw output is unbounded.
        where: Append the class to the latent only, or to the input of every layer.
        slope: Of the leaky ReLU below zero; 0 for ReLU.
        batch_norm: Batch-normalise each hidden layer, which then has no bias besides.
        dropout: Share of each hidden layer's units that is dropped.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        hidden: Sequence[int] = (256, 512),
        classes: int = 0,
        bounded: bool = True,
        where: Where = "input",
        slope: float = 0.2,
        batch_norm: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.classes = classes
        sizes = [latent_dim, *hidden]
        counts = appended(len(sizes), classes, where)
        hidden_layers = _stack(sizes, counts[:-1], slope, dropout, batch_norm)
        last = nn.Linear(sizes[-1] + counts[-1], math.prod(shape))
        self.layers = ConditionedSequential([*hidden_layers, last], counts)
        self.output = nn.Tanh() if bounded else nn.Identity()

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give samples (B, *shape) for latents (B, latent_dim)."""
        return self.output(self.layers(z, y)).view(len(z), *self.shape)


class MLPBody(Body):
    """Multilayer perceptron body or encoder: samples (B, *shape) to features (B, num_features).

    Args:
        shape: Shape of a sample.
        hidden: Sizes of the hidden layers; the last are the features.
        classes: Classes appended to the input; 0 for none.
        where: Append the class to the input only, or to the input of every layer and to the features.
        slope: Of the leaky ReLU below zero; 0 for ReLU.
        dropout: Share of each hidden layer's units that is dropped.
        noise: Standard deviation of Gaussian noise on samples in training.

    Raises:
        ValueError: There is no hidden layer.
    """

    def __init__(
        self,
        shape: Sequence[int],
        hidden: Sequence[int] = (512, 256),
        classes: int = 0,
        where: Where = "input",
        slope: float = 0.2,
        dropout: float = 0.0,
        noise: float = 0.0,
    ) -> None:
        super().__init__()
        if not hidden:
            raise ValueError("features are the last hidden layer, and hidden=[] names none: give the size of one.")
        self.classes = classes
        self.noise = InputNoise(noise) if noise else nn.Identity()
        *counts, self.beside = appended(len(hidden) + 1, classes, where)
        self.num_features = hidden[-1] + self.beside
        self.layers = ConditionedSequential(_stack([math.prod(shape), *hidden], counts, slope, dropout), counts)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of samples (B, *shape)."""
        return append_class(self.layers(self.noise(x.flatten(1)), y), y, self.beside)


def _stack(
    sizes: Sequence[int],
    counts: Sequence[int],
    slope: float,
    dropout: float = 0.0,
    batch_norm: bool = False,
) -> list[nn.Module]:
    """Layers between these sizes, with room for the classes appended to their inputs."""
    return [
        nn.Sequential(
            nn.Linear(inputs + count, outputs, bias=not batch_norm),
            *([nn.BatchNorm1d(outputs)] if batch_norm else []),
            nn.LeakyReLU(slope),
            *([Dropout(dropout)] if dropout else []),
        )
        for (inputs, outputs), count in zip(pairwise(sizes), counts, strict=True)
    ]
