"""Tensors of a network, found once for what looks at all of them in every turn.

A walk over the modules takes longer than a step of an average in a small network. Kept are places, not tensors: a
buffer is another one once it has been to another device.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

Held = Mapping[str, Tensor | None]
Place = tuple[Held, str]
"""A module's tensors, and the name of one of them."""


class NetworkTensors:
    """Parameters and buffers of a network, in the order of `parameters()` and `buffers()`, each tensor once.

    Args:
        network: Has all its modules already.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self._parameters = _places(_of(module._parameters for module in network.modules()))
        self._buffers = _places(_of(module._buffers for module in network.modules()))

    def parameters(self) -> list[Tensor]:
        """Give the parameters that are there now."""
        return _tensors(self._parameters)

    def buffers(self) -> list[Tensor]:
        """Give the buffers that are there now."""
        return _tensors(self._buffers)


@runtime_checkable
class RankLocal(Protocol):
    """Module whose buffers each rank of a distributed training has for itself, such as chains of samples."""

    rank_local: bool
    """Whether it does; those of all others are given by the first rank in every turn."""


class SharedBuffers:
    """Buffers of a model that ranks have in common and checkpoints hold: others (masks, kernels) stay alike anyhow.

    Args:
        model: Has all its modules already.
    """

    def __init__(self, model: nn.Module) -> None:
        local = [part for part in model.modules() if isinstance(part, RankLocal) and part.rank_local]
        left_out = {id(inner) for part in local for inner in part.modules()}
        self._buffers = _places(_persistent(part for part in model.modules() if id(part) not in left_out))

    def tensors(self) -> list[Tensor]:
        """Give those that are there now, each once."""
        return _tensors(self._buffers)


def _persistent(modules: Iterable[nn.Module]) -> Iterator[Place]:
    """Where modules hold buffers that are in their state."""
    for module in modules:
        for name in module._buffers:
            if name not in module._non_persistent_buffers_set:
                yield module._buffers, name


def _of(held: Iterable[Held]) -> Iterator[Place]:
    return ((tensors, name) for tensors in held for name in tensors)


def _places(places: Iterable[Place]) -> list[Place]:
    """Those that hold a tensor; one that several share is found at the first of them."""
    found: dict[int, Place] = {}
    for held, name in places:
        if (tensor := held[name]) is not None:
            found.setdefault(id(tensor), (held, name))
    return list(found.values())


def _tensors(places: list[Place]) -> list[Tensor]:
    return [tensor for held, name in places if (tensor := held[name]) is not None]
