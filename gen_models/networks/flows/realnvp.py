"""RealNVP (Dinh et al. 2017, https://arxiv.org/abs/1605.08803)."""

from collections.abc import Sequence
from functools import partial

from gen_models.networks.flows.bijection import Bijection, Chain, Flow
from gen_models.networks.flows.coupling import (
    BoundedExponential,
    MakeNetwork,
    MaskedCoupling,
    SplitCoupling,
    checkerboard,
)
from gen_models.networks.flows.logit import Logit
from gen_models.networks.flows.nets import ResidualNet, silent_perceptron
from gen_models.networks.flows.scales import FactorOut
from gen_models.networks.flows.shapes import Flatten, Squeeze, halvings


class RealNVP(Flow):
    """RealNVP: affine couplings in several scales; points get as many couplings of their two halves.

    Dinh et al. (2017), Density estimation using Real NVP, sections 3.4 to 3.6, https://arxiv.org/abs/1605.08803.

    Args:
        shape: (C, H, W) of a picture, or (D,) of a point.
        scales: At most so many; each but the last halves the side, which must be even.
        width: Channels of a residual network.
        blocks: Residual blocks of each.
        hidden: Hidden layers of the couplings of points.
        alpha: Of the logit of pixels.
        classes: Classes that condition the couplings; 0 for none.
    """

    def __init__(
        self,
        shape: Sequence[int],
        scales: int = 2,
        width: int = 64,
        blocks: int = 8,
        hidden: Sequence[int] = (128, 128),
        alpha: float = 0.05,
        classes: int = 0,
    ) -> None:
        if len(shape) == 1:
            dense = partial(silent_perceptron, hidden=hidden, classes=classes)
            parts = _halves(6 * (scales - 1) + 4, shape[0], dense)
        else:
            network = partial(ResidualNet, width=width, blocks=blocks, classes=classes)
            parts = [Logit(alpha), *_scales(min(scales, halvings(shape) + 1), shape, network)]
        super().__init__(shape, classes, parts)


def _scales(count: int, shape: Sequence[int], network: MakeNetwork) -> list[Bijection]:
    """Section 3.6, from the finest scale on."""
    channels, height, width = shape
    if count == 1:
        return [*_checkerboards(4, shape, network), Flatten(shape)]
    rest = _scales(count - 1, (2 * channels, height // 2, width // 2), network)
    first = [*_checkerboards(3, shape, network), Squeeze(), *_halves(3, 4 * channels, network)]
    return [*first, FactorOut(Chain(rest))]


def _checkerboards(count: int, shape: Sequence[int], network: MakeNetwork) -> list[Bijection]:
    channels, height, width = shape
    masks = [checkerboard(height, width, flip=i % 2 == 1) for i in range(count)]
    return [MaskedCoupling(mask, channels, network, BoundedExponential()) for mask in masks]


def _halves(count: int, channels: int, network: MakeNetwork) -> list[Bijection]:
    return [SplitCoupling(channels, network, BoundedExponential(), swap=i % 2 == 1) for i in range(count)]
