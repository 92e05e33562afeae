"""Maxout critic of the first GAN (Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661).

After the authors' code, goodfeli/adversarial, `mnist.yaml`; its opponent is `SigmoidGenerator`.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.dropout import Dropout
from gen_models.networks.layers.pixels import Range
from gen_models.networks.layers.weights import uniformly


class Maxout(nn.Module):
    """Maxout layer: each unit is the largest of several linear maps.

    Goodfellow et al. (2013), Maxout networks, https://arxiv.org/abs/1302.4389.

    Args:
        inputs: Size of the input.
        units: Size of the output.
        pieces: Linear maps a unit.
        reach: Weights begin uniform in ± this (`irange`).
    """

    def __init__(self, inputs: int, units: int, pieces: int, reach: float = 0.005) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, units * pieces)
        self.pieces = pieces
        uniformly(self.linear, reach)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, units) for (B, inputs)."""
        return self.linear(x).unflatten(1, (-1, self.pieces)).amax(dim=2)


class MaxoutBody(Body):
    """Maxout critic body: samples (B, *shape) to features, with dropout of the input and of every layer's units.

    Goodfellow et al. (2014), https://arxiv.org/abs/1406.2661.

    Args:
        shape: Shape of a sample.
        units: Units of each layer.
        pieces: Linear maps a unit.
        input_dropout: Share of the input that is dropped.
        dropout: Share of each layer's units that is dropped.
        classes: Classes appended to the input; 0 for none.
        pixels: Range in which it sees samples: dropout sets an entry to 0, which is grey if signed, else black.
        reach: Weights begin uniform in ± this (`irange`).
    """

    def __init__(
        self,
        shape: Sequence[int],
        units: Sequence[int] = (240, 240),
        pieces: int = 5,
        input_dropout: float = 0.2,
        dropout: float = 0.5,
        classes: int = 0,
        pixels: Range = "signed",
        reach: float = 0.005,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.pixels = pixels
        self.reach = reach
        self.num_features = units[-1]
        sizes = [math.prod(shape) + classes, *units]
        layers: list[nn.Module] = [Dropout(input_dropout)]
        for inputs, outputs in pairwise(sizes):
            layers += [Maxout(inputs, outputs, pieces, reach), Dropout(dropout)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of samples (B, *shape)."""
        x = (x + 1) / 2 if self.pixels == "unit" else x
        return self.layers(append_class(x.flatten(1), y, self.classes))

    def begin(self, head: nn.Linear) -> None:
        """Start the logit as the layers below it."""
        uniformly(head, self.reach)
