"""What is asked of a network's weights themselves."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized


@runtime_checkable
class WeightPenalty(Protocol):
    """A term of a player's objective that looks at a network's weights."""

    def __call__(self, network: nn.Module) -> Tensor:
        """Give the weighted penalty, a scalar."""


_LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)


class OrthogonalPenalty:
    """Ask the filters of a layer to be orthogonal, and leave their norms alone (Brock et al. 2019, section 3.1).

    Args:
        weight: β of the paper.
        skip: Names of modules to leave out with all that is in them, such as a shared embedding.
    """

    def __init__(self, weight: float = 1e-4, skip: Sequence[str] = ()) -> None:
        self.weight = weight
        self.skip = frozenset(skip)

    def __call__(self, network: nn.Module) -> Tensor:
        """β Σ ‖WᵀW ⊙ (1 - I)‖² over convolutions and linear layers; in float32 also under autocast."""
        terms = []
        for layer in self._layers(network):
            filters = _filters(layer)
            with torch.autocast(filters.device.type, enabled=False):
                products = filters @ filters.T
                terms.append((products - products.diag().diag()).square().sum())
        return self.weight * torch.stack(terms).sum()

    def _layers(self, network: nn.Module) -> Iterator[nn.Module]:
        for name, module in network.named_modules():
            if isinstance(module, _LAYERS) and self.skip.isdisjoint(name.split(".")):
                yield module


def _filters(layer: Any) -> Tensor:
    """The weight with one row for each output; of a normalised layer the trained one, as reading `weight` moves it."""
    weight = layer.parametrizations.weight.original if is_parametrized(layer, "weight") else layer.weight
    return (weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else weight).flatten(1)


INSIDE = 1 - 1e-6
"""Where what lies outside the unit ball is brought to: rounding must not move it again and again."""


@runtime_checkable
class Constraint(Protocol):
    """What a network's weights are brought back to before each of its moves."""

    def apply_(self, network: nn.Module) -> None:
        """Change the weights in place."""


class WeightClipping:
    """Keep all parameters in a box, and so a critic Lipschitz (Arjovsky et al. 2017, Algorithm 1).

    Args:
        limit: c of the paper.
    """

    def __init__(self, limit: float = 0.01) -> None:
        if limit <= 0:
            raise ValueError(f"weights are clipped to a positive limit, not {limit}: change it.")
        self.limit = limit

    @torch.no_grad()
    def apply_(self, network: nn.Module) -> None:
        """Clip the network's parameters in place."""
        for parameter in network.parameters():
            parameter.clamp_(-self.limit, self.limit)


class UnitBall:
    """Keep the rows of all parameters, such as a table's latents, in the unit ball (Bojanowski et al. 2018)."""

    @torch.no_grad()
    def apply_(self, network: nn.Module) -> None:
        """Shrink rows longer than 1 in place."""
        for rows in network.parameters():
            norm = rows.norm(dim=1, keepdim=True)
            rows.mul_(torch.where(norm > 1, INSIDE / norm, 1.0))


class NormClipping:
    """Keep the weights into each unit within a ball, and so SGD with large steps stable (Srivastava et al. 2014).

    Args:
        limit: Largest norm; the first GAN takes 1.9365 (goodfeli/adversarial, mnist.yaml: max_col_norm).
    """

    def __init__(self, limit: float = 1.9365) -> None:
        self.limit = limit

    @torch.no_grad()
    def apply_(self, network: nn.Module) -> None:
        """Shrink rows of linear layers' weights in place."""
        for layer in network.modules():
            if isinstance(layer, nn.Linear):
                layer.weight.copy_(torch.renorm(layer.weight, p=2, dim=0, maxnorm=self.limit))
