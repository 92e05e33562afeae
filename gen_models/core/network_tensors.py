"""Tensors of a network, found once for what looks at all of them in every turn."""

from collections.abc import Iterable, Mapping

from torch import Tensor, nn

Held = Mapping[str, Tensor | None]
Place = tuple[Held, str]
"""A module's tensors, and the name of one of them."""


class NetworkTensors:
    """Parameters and buffers of a network, in the order of `parameters()` and `buffers()`, each tensor once.

    A walk over the modules takes longer than a step of an average in a small network. Kept are places, not tensors: a
    buffer is another one once it has been to another device.

    Args:
        network: Has all its modules already.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self._parameters = _places(module._parameters for module in network.modules())
        self._buffers = _places(module._buffers for module in network.modules())

    def parameters(self) -> list[Tensor]:
        """Give the parameters that are there now."""
        return _tensors(self._parameters)

    def buffers(self) -> list[Tensor]:
        """Give the buffers that are there now."""
        return _tensors(self._buffers)


def _places(modules: Iterable[Held]) -> list[Place]:
    """Where modules hold tensors; one that several share is found at the first of them."""
    found: dict[int, Place] = {}
    for held in modules:
        for name, tensor in held.items():
            if tensor is not None:
                found.setdefault(id(tensor), (held, name))
    return list(found.values())


def _tensors(places: list[Place]) -> list[Tensor]:
    return [tensor for held, name in places if (tensor := held[name]) is not None]
