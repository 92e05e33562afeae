"""Moving averages of weights (EMA): sampled from, while the raw weights are trained.

Running statistics of batch normalisation are averaged with the weights: those of the network that learns are of other
maps than its average computes. BigGAN's port averages the whole state of a generator (ajbrock/BigGAN-PyTorch,
utils.py), and so does Lightning's `WeightAveraging`. ProGAN, StyleGAN2 and EDM, which have none, copy all buffers.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import nn

from gen_models.bounds import AtLeast
from gen_models.core.network_tensors import NetworkTensors
from gen_models.core.power_average import exponent


class Averaged(ABC):
    """Which networks are averaged, and how slowly.

    Attributes:
        networks: Attribute names of the model's networks.
    """

    networks: Sequence[str]

    @abstractmethod
    def decay(self, passed: int, images: int) -> float:
        """Give the share that the average keeps after `passed` more images, of `images` in the run so far."""


@dataclass
class Averaging(Averaged):
    """Exponential moving average of weights; a schedule may change the numbers.

    Args:
        networks: Attribute names of the model's networks.
        halflife: Images after which a weight's share in the average has halved.
        ramp: Early on the half-life is this fraction of the images seen, so that the average does not drag the
            untrained weights along (Karras et al. 2020, `ema_rampup`); None leaves it whole.
        start: Images up to which the average is the network itself (Brock et al. 2019, the authors' `ema_start`).
    """

    networks: Sequence[str]
    halflife: Annotated[float, AtLeast(0)]
    ramp: Annotated[float | None, AtLeast(0)] = 0.05
    start: Annotated[float, AtLeast(0)] = 0.0

    def decay(self, passed: int, images: int) -> float:
        """Halve after the half-life."""
        halflife = self.halflife if self.ramp is None else min(self.halflife, self.ramp * images)
        return 0.5 ** (passed / halflife) if halflife > 0 and images > self.start else 0.0


@dataclass
class PowerAveraging(Averaged):
    """Power-function moving average of weights: at t images those of τ weigh as τ^γ, so that it lengthens by itself.

    Karras et al. 2024, Analyzing and improving the training dynamics of diffusion models (EDM2), section 3.1,
    https://arxiv.org/abs/2312.02696.

    Args:
        networks: Attribute names of the model's networks.
        std: Width of that profile, as a share of the run so far: 0.05 and 0.1 in the paper.
    """

    networks: Sequence[str]
    std: float

    def decay(self, passed: int, images: int) -> float:
        """Give (1 - passed / images)^(γ + 1), which is 0 at the first update."""
        return (1 - passed / images) ** (exponent(self.std) + 1)


class Averages(nn.Module):
    """Averaged copies of networks, running statistics included, with each one's counter of images.

    Args:
        networks: The networks by name; the copies start as they are now.
        averaging: How slowly they follow.
    """

    rank_local = True  # buffers are those of the networks, which ranks are given, but for running statistics

    def __init__(self, networks: Mapping[str, nn.Module], averaging: Averaged) -> None:
        super().__init__()
        self.averaging = averaging
        self.copies = nn.ModuleDict({name: deepcopy(net).requires_grad_(False) for name, net in networks.items()})
        self._updated = dict.fromkeys(networks, 0)
        self._places: dict[str, tuple[NetworkTensors, NetworkTensors]] = {}

    @torch.no_grad()
    def update(self, name: str, network: nn.Module, images: int) -> None:
        """Let the copy of `name` follow its network, `images` images into the run; other buffers are copied."""
        decay = self.averaging.decay(images - self._updated[name], images)
        self._updated[name] = images
        mine, theirs = self._found(name, network)
        followed, leading = ([*each.parameters(), *each.statistics()] for each in (mine, theirs))
        torch._foreach_lerp_(followed, leading, 1.0 - decay)
        if others := mine.others():
            torch._foreach_copy_(others, theirs.others())

    def _found(self, name: str, network: nn.Module) -> tuple[NetworkTensors, NetworkTensors]:
        """Where the tensors of a copy and of its network are."""
        if name not in self._places or self._places[name][1].network is not network:
            self._places[name] = NetworkTensors(self.copies[name]), NetworkTensors(network)
        return self._places[name]

    def restart(self, networks: Mapping[str, nn.Module]) -> None:
        """Let the copies begin as their networks are now, where weights came from elsewhere."""
        for name, copy in self.copies.items():
            copy.load_state_dict(networks[name].state_dict())

    @contextmanager
    def swapped(self, networks: Mapping[str, nn.Module]) -> Iterator[None]:
        """Give the networks their averaged weights for a while."""
        self.swap(networks)
        try:
            yield
        finally:
            self.swap(networks)

    def swap(self, networks: Mapping[str, nn.Module]) -> None:
        """Exchange the networks' weights and buffers with those of their averaged copies."""
        for name, copy in self.copies.items():
            for mine, other in zip(_tensors(networks[name]), _tensors(copy), strict=True):
                mine.data, other.data = other.data, mine.data

    def get_extra_state(self) -> dict[str, int]:
        """The counters, for the checkpoint."""
        return self._updated

    def set_extra_state(self, state: dict[str, int]) -> None:
        """Restore the counters."""
        self._updated = dict(state)


def _tensors(network: nn.Module) -> list[torch.Tensor]:
    return [*network.parameters(), *network.buffers()]
