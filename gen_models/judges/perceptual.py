"""Perceptual distances in the features of a network of photographs (LPIPS: Zhang et al. 2018).

https://arxiv.org/abs/1801.03924
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from gen_models.bounds import Weight
from gen_models.data.source import Source
from gen_models.judges.base import Judge
from gen_models.metrics.pretrained import Lite


class Perceptual(Judge):
    """Perceptual distance: squared distance of feature vectors of length one, a mean over places, then over maps.

    Zhang et al. (2018), equation 1 with all weights one, https://arxiv.org/abs/1801.03924, in the maps of
    EfficientNet-Lite where LPIPS has those of VGG and weights learned of people. So its numbers are no LPIPS.

    Args:
        network: Gives the maps.
        weight: Factor on the distance.
    """

    paired = True

    def __init__(self, network: Lite, weight: Weight = 1.0) -> None:
        super().__init__(weight)
        self.network = (network,)  # in a tuple, and so no child

    @property
    def protocol(self) -> Mapping[str, Any]:
        """What the distance depends on."""
        return {**self.network[0].protocol, "distance": "of unit features, a map a resolution"}

    def prepare(self, source: Source, device: torch.device) -> None:
        """Move the network to the device."""
        self.network = (self.network[0].to(device),)

    def measure(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """Mean over maps of E ‖f(fake) - f(real)‖², of unit vectors f: 0 for equals, 2 at right angles."""
        (network,) = self.network
        with torch.no_grad():
            wanted = network.maps(real)
        pairs = zip(network.maps(fake), wanted, strict=True)
        return torch.stack([(normalize(a) - normalize(b)).square().sum(1).mean() for a, b in pairs]).mean()
