"""Glow (Kingma and Dhariwal 2018, https://arxiv.org/abs/1807.03039)."""

from collections.abc import Sequence
from functools import partial

from gen_models.networks.flows.actnorm import ActNorm
from gen_models.networks.flows.bijection import Bijection, Chain, Flow
from gen_models.networks.flows.coupling import Exponential, MakeNetwork, Sigmoid, SplitCoupling
from gen_models.networks.flows.mixing import InvertibleLinear
from gen_models.networks.flows.nets import GlowNet, ZeroConvolution, silent_perceptron
from gen_models.networks.flows.scales import FactorOut, LearnedPrior
from gen_models.networks.flows.shapes import Flatten, Squeeze, halvings


class Glow(Flow):
    """Glow: levels of a squeeze, K steps of flow and a split (figure 2); points get one level without either.

    Kingma and Dhariwal (2018), Glow: generative flow with invertible 1x1 convolutions, https://arxiv.org/abs/1807.03039.

    The Gaussian of what a split sets aside depends on what goes on, and the last one is learned (the authors' code).
    Here both are maps to the standard Gaussian, so that all latents are standard.

    Args:
        shape: (C, H, W) of a picture of even sides, or (D,) of a point.
        levels: L of the paper, at most; each halves the side, which must be even.
        steps: K of the paper.
        width: Hidden channels of the couplings' networks.
        hidden: Hidden layers of the couplings of points.
        classes: Classes that condition the couplings and the last Gaussian; 0 for none.

    Raises:
        ValueError: A side is odd, or there are no levels or steps.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int = 3,
        steps: int = 32,
        width: int = 512,
        hidden: Sequence[int] = (128, 128),
        classes: int = 0,
    ) -> None:
        if levels < 1 or steps < 1:
            raise ValueError(f"glow has levels and steps, not levels={levels} and steps={steps}: raise them.")
        if len(shape) == 1:
            dense = partial(silent_perceptron, hidden=hidden, classes=classes)
            parts = [*_steps(steps, shape[0], 0, dense), LearnedPrior(shape[0], classes, sides=0)]
        elif levels := min(levels, halvings(shape)):
            network = partial(GlowNet, width=width, classes=classes)
            parts = _levels(levels, steps, shape, network, classes)
        else:
            raise ValueError(f"glow squeezes pictures of even sides, not {shape[1]}x{shape[2]}: change data.size.")
        super().__init__(shape, classes, parts)


def _levels(count: int, steps: int, shape: Sequence[int], network: MakeNetwork, classes: int) -> list[Bijection]:
    """Figure 2b, from the finest level on."""
    channels, height, width = 4 * shape[0], shape[1] // 2, shape[2] // 2
    level = [Squeeze(), *_steps(steps, channels, 2, network)]
    if count == 1:
        return [*level, LearnedPrior(channels, classes), Flatten((channels, height, width))]
    prior = SplitCoupling(channels, ZeroConvolution, Exponential())
    rest = _levels(count - 1, steps, (channels // 2, height, width), network, classes)
    return [*level, prior, FactorOut(Chain(rest))]


def _steps(count: int, channels: int, sides: int, network: MakeNetwork) -> list[Bijection]:
    """Figure 2a: actnorm, 1x1 convolution, coupling."""
    return [
        part
        for _ in range(count)
        for part in (ActNorm(channels, sides), InvertibleLinear(channels), SplitCoupling(channels, network, Sigmoid()))
    ]
