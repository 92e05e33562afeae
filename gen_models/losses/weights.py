"""Weight regularisers: orthogonal (Brock et al. 2019, https://arxiv.org/abs/1809.11096), and L2 of some weights."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from gen_models.bounds import Weight


class WeightPenalty(ABC):
    """Weight regulariser: a term of a player's objective that looks at a network's weights."""

    @abstractmethod
    def __call__(self, network: nn.Module) -> Tensor:
        """Give the weighted penalty, a scalar."""


_LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)


class OrthogonalPenalty(WeightPenalty):
    """Orthogonal regularisation: the filters of a layer are to be orthogonal, their norms are left alone.

    Brock et al. (2019), section 3.1, https://arxiv.org/abs/1809.11096. Its gradient is that of the paper's formula; the
    authors' port (ajbrock/BigGAN-PyTorch, utils.py) steps by half of it.

    Args:
        weight: β of the paper.
        skip: Names of modules to leave out with all that is in them, such as a shared embedding.
    """

    def __init__(self, weight: Weight = 1e-4, skip: Sequence[str] = ()) -> None:
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


class L2Penalty(WeightPenalty):
    """L2 regularisation of the parameters of some names, such as learned norms, where others are to be left alone.

    Args:
        weight: Factor on the sum of squares.
        names: Last parts of the parameters' names.
    """

    def __init__(self, weight: Weight, names: Sequence[str]) -> None:
        self.weight = weight
        self.names = frozenset(names)
        self._network: nn.Module | None = None
        self._places: list[tuple[nn.Module, str]] = []

    def __call__(self, network: nn.Module) -> Tensor:
        """The weighted sum of squares.

        Raises:
            ValueError: The network has no parameters of these names.
        """
        if network is not self._network:  # searched for once: in a small flow that takes longer than the sum
            self._network, self._places = network, self._search(network)
        found = [getattr(module, name).flatten() for module, name in self._places]
        return self.weight * torch.cat(found).square().sum()

    def _search(self, network: nn.Module) -> list[tuple[nn.Module, str]]:
        """Modules, and the names of their parameters that are penalised, which may not be none."""
        places = [
            (module, name)
            for module in network.modules()
            for name, _ in module.named_parameters(recurse=False)
            if name in self.names
        ]
        if not places:
            raise ValueError(f"the network has no parameters named {' or '.join(sorted(self.names))}.")
        return places


def _filters(layer: Any) -> Tensor:
    """The weight with one row for each output; of a normalised layer the trained one, as reading `weight` moves it."""
    weight = layer.parametrizations.weight.original if is_parametrized(layer, "weight") else layer.weight
    return (weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else weight).flatten(1)
