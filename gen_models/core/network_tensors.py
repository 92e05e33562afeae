"""Tensors of a network, found once for what looks at all of them in every turn.

A walk over the modules takes longer than a step of an average in a small network. Kept are places, not tensors: a
buffer is another one once it has been to another device.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Protocol, runtime_checkable

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

Held = Mapping[str, Tensor | None]
Place = tuple[Held, str]
"""A module's tensors, and the name of one of them."""


VARIANCES = ("running_var", "variance")
"""Names of running statistics that are never negative."""


@runtime_checkable
class KeepsStatistics(Protocol):
    """Module with running statistics of what a network computes, of which an average of the network has averages.

    torch's normalisations are known without it (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167). All other
    buffers are no means: averages of directions (spectral normalisation), masks or counters would be something else.
    One that is never negative is called as `VARIANCES` are.
    """

    running_statistics: Sequence[str]
    """Names of those buffers."""


class NetworkTensors:
    """Parameters and buffers of a network, in the order of `parameters()` and `buffers()`, each tensor once.

    Args:
        network: Has all its modules already.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self._parameters = _places(_of(module._parameters for module in network.modules()))
        self._statistics = _places(place for _, place in _statistics(network))
        running = {(id(held), name) for held, name in self._statistics}
        buffers = _places(_of(module._buffers for module in network.modules()))
        self._others = [(held, name) for held, name in buffers if (id(held), name) not in running]

    def parameters(self) -> list[Tensor]:
        """Give the parameters that are there now."""
        return _tensors(self._parameters)

    def statistics(self) -> list[Tensor]:
        """Give the running statistics that are there now."""
        return _tensors(self._statistics)

    def others(self) -> list[Tensor]:
        """Give the buffers that are there now and are no running statistics."""
        return _tensors(self._others)


def statistics_of(network: nn.Module) -> dict[str, Tensor]:
    """Give the running statistics of a network by the names that they have in its state."""
    return {path: tensor for path, (held, name) in _statistics(network) if (tensor := held[name]) is not None}


@runtime_checkable
class RankLocal(Protocol):
    """Module whose buffers each rank of a distributed training has for itself, such as chains of samples."""

    rank_local: bool
    """Whether it does; those of all others are given by the first rank in every turn."""


class SharedBuffers:
    """Buffers of a model that ranks have in common and checkpoints hold: others (masks, kernels) stay alike anyhow.

    Args:
        model: Has all its modules already.
        copies: Averaged networks, of whose buffers only the running statistics differ from those of the networks.
    """

    def __init__(self, model: nn.Module, copies: Iterable[nn.Module] = ()) -> None:
        local = [part for part in model.modules() if isinstance(part, RankLocal) and part.rank_local]
        left_out = {id(inner) for part in local for inner in part.modules()}
        persistent = _persistent(part for part in model.modules() if id(part) not in left_out)
        averaged = (place for copy in copies for _, place in _statistics(copy))
        self._buffers = _places(chain(persistent, averaged))

    def tensors(self) -> list[Tensor]:
        """Give those that are there now, each once."""
        return _tensors(self._buffers)


def _statistics(network: nn.Module) -> Iterator[tuple[str, Place]]:
    """Where modules hold running statistics, by their names in the network's state."""
    for path, module in network.named_modules():
        if isinstance(module, _NormBase):
            names: Sequence[str] = ("running_mean", "running_var")
        elif isinstance(module, KeepsStatistics):
            names = module.running_statistics
        else:
            continue
        yield from ((f"{path}.{name}" if path else name, (module._buffers, name)) for name in names)


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
