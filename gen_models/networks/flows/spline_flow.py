"""Neural spline flows by coupling (Durkan et al. 2019, https://arxiv.org/abs/1906.04032)."""

import math
from collections.abc import Sequence
from functools import partial

from torch import Tensor

from gen_models.networks.flows.bijection import Bijection, Flow
from gen_models.networks.flows.coupling import HalfCoupling, MakeNetwork
from gen_models.networks.flows.nets import silent_perceptron
from gen_models.networks.flows.shapes import EvenThenOdd, Flatten
from gen_models.networks.flows.spline import evaluate, invert, parameters, spline_of


class SplineCoupling(HalfCoupling):
    """Spline coupling: one half of a vector gives each entry of the other its own monotone spline.

    Durkan et al. (2019), section 3.2, https://arxiv.org/abs/1906.04032.

    Args:
        dims: Entries of a vector.
        network: Makes the network.
        bins: Of a spline.
        bound: The splines act on [-bound, bound]; beyond it they are the identity.
        swap: Move the first half instead of the second.
    """

    def __init__(self, dims: int, network: MakeNetwork, bins: int, bound: float, swap: bool) -> None:
        super().__init__(dims, swap)
        self.bins, self.bound = bins, bound
        self.network = network(self.kept, self.moved * parameters(bins))

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Evaluate the splines of vectors (B, dims)."""
        kept, moved = self.halves(x)
        values, log_slopes = evaluate(spline_of(self._raw(kept, y), self.bound), moved)
        return self.whole(kept, values), log_slopes.sum(1)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Invert the splines, as cheaply."""
        kept, moved = self.halves(z)
        return self.whole(kept, invert(spline_of(self._raw(kept, y), self.bound), moved))

    def _raw(self, kept: Tensor, y: Tensor | None) -> Tensor:
        return self.network(kept, y).float().unflatten(1, (self.moved, parameters(self.bins)))


class SplineFlow(Flow):
    """Neural spline flow: spline couplings of the odd and the even entries in turn.

    Durkan et al. (2019), https://arxiv.org/abs/1906.04032.

    Args:
        shape: Of a sample; any.
        couplings: How many.
        bins: Of each spline.
        bound: Where the splines end.
        hidden: Hidden layers of each coupling's network.
        classes: Classes that condition the couplings; 0 for none.
    """

    def __init__(
        self,
        shape: Sequence[int],
        couplings: int = 6,
        bins: int = 8,
        bound: float = 3.0,
        hidden: Sequence[int] = (128, 128),
        classes: int = 0,
    ) -> None:
        dims, network = math.prod(shape), partial(silent_perceptron, hidden=hidden, classes=classes)
        layers: list[Bijection] = [
            SplineCoupling(dims, network, bins, bound, swap=i % 2 == 1) for i in range(couplings)
        ]
        super().__init__(shape, classes, [Flatten(shape), EvenThenOdd(), *layers])
