"""NICE (Dinh et al. 2015, https://arxiv.org/abs/1410.8516)."""

import math
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from gen_models.bounds import Weight
from gen_models.networks.flows.bijection import Bijection, Flow
from gen_models.networks.flows.coupling import Additive, SplitCoupling
from gen_models.networks.flows.nets import perceptron
from gen_models.networks.flows.shapes import EvenThenOdd, Flatten
from gen_models.networks.layers.pixels import Range
from gen_models.networks.layers.weights import uniformly


class NICE(Flow):
    """NICE: additive couplings of the odd and the even entries in turn, and a scale for each entry.

    Dinh et al. (2015), Non-linear independent components estimation, section 5.1, https://arxiv.org/abs/1410.8516.

    Args:
        shape: Of a sample; any.
        couplings: How many.
        hidden: Hidden layers of each coupling's network.
        classes: Classes that condition the couplings; 0 for none.
        pixels: Range in which the couplings and the prior see samples; densities stay those of [-1, 1].
        reach: Weights begin uniform in ± this (`irange`), without biases; None leaves them as torch starts them.
    """

    def __init__(
        self,
        shape: Sequence[int],
        couplings: int = 4,
        hidden: Sequence[int] = (1000, 1000, 1000, 1000, 1000),
        classes: int = 0,
        pixels: Range = "signed",
        reach: Weight | None = None,
    ) -> None:
        dims = math.prod(shape)
        network = partial(perceptron, hidden=hidden, classes=classes)
        layers = [SplitCoupling(dims, network, Additive(), swap=i % 2 == 1) for i in range(couplings)]
        ranged = [FromZero()] if pixels == "unit" else []
        super().__init__(shape, classes, [*ranged, Flatten(shape), EvenThenOdd(), *layers, DiagonalScaling(dims)])
        if reach is not None:
            for layer in self.modules():
                if isinstance(layer, nn.Linear):
                    uniformly(layer, reach)


class FromZero(Bijection):
    """Change of range: samples in [-1, 1] to samples in [0, 1], as the authors' program has them."""

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The derivative is ½ in each dimension."""
        return (x + 1) / 2, x.new_full((len(x),), -math.log(2) * x[0].numel())

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give samples in [-1, 1] again."""
        return 2 * z - 1


class DiagonalScaling(Bijection):
    """Diagonal scaling z = x eˢ, entry by entry: some directions matter more than others (section 3.3).

    Args:
        dims: Entries of a vector.
    """

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(dims))

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scale vectors (B, dims)."""
        return x * self.log_scale.exp(), self.log_scale.sum().expand(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Scale vectors (B, dims) back."""
        return z * (-self.log_scale).exp()
