"""RealNVP (Dinh et al. 2017, https://arxiv.org/abs/1605.08803)."""

from collections.abc import Sequence
from functools import partial

import torch

from gen_models.networks.flows.batchnorm import BatchNormalisation
from gen_models.networks.flows.bijection import Bijection, Composition, Flow
from gen_models.networks.flows.coupling import BoundedExponential, MaskedCoupling, SplitCoupling, checkerboard
from gen_models.networks.flows.logit import Logit
from gen_models.networks.flows.nets import silent_perceptron
from gen_models.networks.flows.residual import ResidualNet
from gen_models.networks.flows.scales import FactorOut
from gen_models.networks.flows.shapes import Alternate, Flatten, Squeeze, halvings


class RealNVP(Flow):
    """RealNVP: affine couplings in several scales; points get as many couplings of their two halves.

    Dinh et al. (2017), Density estimation using Real NVP, sections 3.4 to 3.7, https://arxiv.org/abs/1605.08803.

    As in the authors' code (tensorflow/models, research/real_nvp) each scale's networks are twice as wide as those of
    the one before, and those of channels twice as wide as those of checkerboards. As in the paper, and not there,
    couplings scale before they shift (equation 8), and odd places are kept first (section 3.4).

    Args:
        shape: (C, H, W) of a picture, or (D,) of a point.
        scales: At most so many; each but the last halves the side, which must be even.
        width: Channels of a residual network in the first scale's checkerboards.
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
            turns = [i % 2 == 1 for i in range(6 * (scales - 1) + 4)]
            parts: list[Bijection] = [SplitCoupling(shape[0], dense, BoundedExponential(), swap) for swap in turns]
        else:
            network = partial(ResidualNet, blocks=blocks, classes=classes)
            parts = [Logit(alpha), *_scales(min(scales, halvings(shape) + 1), shape, width, network)]
        super().__init__(shape, classes, parts)


def _scales(count: int, shape: Sequence[int], width: int, network: partial[ResidualNet]) -> list[Bijection]:
    """Section 3.6, from the finest scale on."""
    channels, height, breadth = shape
    if count == 1:
        return [*_checkerboards(4, shape, partial(network, width=width)), Flatten(shape)]
    rest = _scales(count - 1, (2 * channels, height // 2, breadth // 2), 2 * width, network)
    fine = _checkerboards(3, shape, partial(network, width=width))
    coarse = _halves(3, 4 * channels, partial(network, width=2 * width))
    return [*fine, Squeeze(), *coarse, Alternate(), FactorOut(Composition(rest))]


def _checkerboards(count: int, shape: Sequence[int], network: partial[ResidualNet]) -> list[Bijection]:
    """Couplings of one colour of the board with the other, which begin without scaling, each normalised."""
    channels, height, width = shape
    parts: list[Bijection] = []
    for i in range(count):
        mask = checkerboard(height, width, flip=i % 2 == 0)
        parts.append(MaskedCoupling(mask, channels, partial(network, mask=mask), BoundedExponential(bound=0.0)))
        parts.append(BatchNormalisation(1 - mask, channels))
    return parts


def _halves(count: int, channels: int, network: partial[ResidualNet]) -> list[Bijection]:
    """Couplings of one half of the channels with the other, each normalised."""
    parts: list[Bijection] = []
    for i in range(count):
        swap = i % 2 == 1
        first = (torch.arange(channels) < channels // 2).float()[:, None, None]
        parts.append(SplitCoupling(channels, network, BoundedExponential(), swap))
        parts.append(BatchNormalisation(first if swap else 1 - first, channels))
    return parts
