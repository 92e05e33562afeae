"""Glow (Kingma and Dhariwal 2018, https://arxiv.org/abs/1807.03039)."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

from gen_models.bounds import Positive
from gen_models.networks.flows.actnorm import ActNorm
from gen_models.networks.flows.bijection import Bijection, Composition, Flow
from gen_models.networks.flows.coupling import (
    Additive,
    BoundedSigmoid,
    Exponential,
    Form,
    MakeNetwork,
    Sigmoid,
    SplitCoupling,
)
from gen_models.networks.flows.mixing import InvertibleLinear
from gen_models.networks.flows.nets import GlowNet, ZeroConvolution, silent_perceptron
from gen_models.networks.flows.scales import FactorOut, LearnedPrior
from gen_models.networks.flows.shapes import Flatten, Squeeze, halvings

CouplingName = Literal["affine", "bounded", "additive"]
FORMS: Mapping[CouplingName, Callable[[], Form]] = {
    "affine": Sigmoid,
    "bounded": BoundedSigmoid,
    "additive": Additive,
}
MakeSteps = Callable[[int], list[Bijection]]
"""Makes the steps of flow of one level, from the number of its channels."""


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
        coupling: Of the steps: affine, as published likelihoods are; bounded, which is affine with scales above ½, so
            that inverses do not explode; or additive, as published faces are (the authors' README).

    Raises:
        ValueError: A side is odd.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: Positive = 3,
        steps: Positive = 32,
        width: int = 512,
        hidden: Sequence[int] = (128, 128),
        classes: int = 0,
        coupling: CouplingName = "affine",
    ) -> None:
        form = FORMS[coupling]
        if len(shape) == 1:
            dense = partial(silent_perceptron, hidden=hidden, classes=classes)
            parts = [*_steps(steps, dense, form, 0, shape[0]), LearnedPrior(shape[0], classes, sides=0)]
        elif levels := min(levels, halvings(shape)):
            network = partial(GlowNet, width=width, classes=classes)
            parts = _levels(levels, partial(_steps, steps, network, form, 2), shape, classes)
        else:
            raise ValueError(f"glow squeezes pictures of even sides, not {shape[1]}x{shape[2]}: change data.size.")
        super().__init__(shape, classes, parts)


def _levels(count: int, make_steps: MakeSteps, shape: Sequence[int], classes: int) -> list[Bijection]:
    """Figure 2b, from the finest level on."""
    channels, height, width = 4 * shape[0], shape[1] // 2, shape[2] // 2
    level = [Squeeze(), *make_steps(channels)]
    if count == 1:
        return [*level, LearnedPrior(channels, classes), Flatten((channels, height, width))]
    prior = SplitCoupling(channels, ZeroConvolution, Exponential())
    rest = _levels(count - 1, make_steps, (channels // 2, height, width), classes)
    return [*level, prior, FactorOut(Composition(rest))]


def _steps(count: int, network: MakeNetwork, form: Callable[[], Form], sides: int, channels: int) -> list[Bijection]:
    """Figure 2a: actnorm, 1x1 convolution, coupling."""
    return [
        part
        for _ in range(count)
        for part in (ActNorm(channels, sides), InvertibleLinear(channels), SplitCoupling(channels, network, form()))
    ]
