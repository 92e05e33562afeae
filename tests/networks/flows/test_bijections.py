"""Every bijection is inverted by its inverse, and has the log-determinant of its Jacobian."""

from functools import partial

import pytest
import torch
from torch import nn

from gen_models.networks.flows.actnorm import ActNorm
from gen_models.networks.flows.batchnorm import BatchNormalisation
from gen_models.networks.flows.bijection import Composition
from gen_models.networks.flows.coupling import (
    Additive,
    BoundedExponential,
    BoundedSigmoid,
    Exponential,
    MaskedCoupling,
    Sigmoid,
    SplitCoupling,
    checkerboard,
)
from gen_models.networks.flows.glow import Glow
from gen_models.networks.flows.logit import Logit
from gen_models.networks.flows.mixing import InvertibleLinear
from gen_models.networks.flows.nets import GlowNet, ZeroConvolution, perceptron
from gen_models.networks.flows.nice import NICE, DiagonalScaling
from gen_models.networks.flows.realnvp import RealNVP
from gen_models.networks.flows.residual import ResidualNet
from gen_models.networks.flows.scales import FactorOut, LearnedPrior
from gen_models.networks.flows.shapes import Alternate, EvenThenOdd, Flatten, Squeeze, halvings
from gen_models.networks.flows.spline_flow import SplineFlow
from gen_models.networks.flows.tarflow import TarFlow

dense = partial(perceptron, hidden=[8], classes=0)
residual = partial(ResidualNet, width=6, blocks=1, classes=0)
told = partial(GlowNet, width=6, classes=3)

BIJECTIONS = {
    "squeeze": (lambda: Squeeze(), (3, 4, 2)),
    "ordered": (lambda: Composition([Squeeze(), Alternate()]), (3, 4, 2)),
    "flatten": (lambda: Flatten((2, 3, 2)), (2, 3, 2)),
    "parity": (lambda: EvenThenOdd(), (7,)),
    "logit": (lambda: Logit(0.05), (1, 3, 2)),
    "scale": (lambda: DiagonalScaling(4), (4,)),
    "actnorm": (lambda: ActNorm(3), (3, 2, 2)),
    "actnorm of points": (lambda: ActNorm(3, sides=0), (3,)),
    "batch norm": (lambda: BatchNormalisation(checkerboard(3, 4), 2), (2, 3, 4)),
    "batch norm of a half": (lambda: BatchNormalisation(torch.tensor([0.0, 1.0]).view(2, 1, 1), 2), (2, 3, 4)),
    "1x1": (lambda: InvertibleLinear(4), (4, 3, 2)),
    "linear": (lambda: InvertibleLinear(3), (3,)),
    "prior": (lambda: LearnedPrior(2, classes=3), (2, 2, 2)),
    "additive": (lambda: SplitCoupling(5, dense, Additive()), (5,)),
    "affine": (lambda: SplitCoupling(5, dense, BoundedExponential(), swap=True), (5,)),
    "bounded": (lambda: SplitCoupling(4, ZeroConvolution, BoundedSigmoid()), (4, 2, 2)),
    "conditional": (lambda: SplitCoupling(4, told, Sigmoid()), (4, 2, 2)),
    "prior of points": (lambda: LearnedPrior(3, sides=0), (3,)),
    "zero": (lambda: SplitCoupling(4, ZeroConvolution, Exponential()), (4, 2, 2)),
    "masked": (lambda: MaskedCoupling(checkerboard(3, 4), 2, residual, BoundedExponential()), (2, 3, 4)),
    "factored out": (lambda: FactorOut(Composition([InvertibleLinear(2), Flatten((2, 2, 2))])), (4, 2, 2)),
}
FLOWS = {
    f"{name} of {shape}": (partial(flow, shape, classes=classes), shape)
    for name, flow in {
        "nice": partial(NICE, hidden=[8, 8]),
        "nice from 0": partial(NICE, hidden=[8, 8], pixels="unit", reach=0.3),
        "realnvp": partial(RealNVP, width=4, blocks=1, hidden=[8]),
        "glow": partial(Glow, levels=2, steps=2, width=6, hidden=[8]),
        "spline": partial(SplineFlow, couplings=3, bins=4, hidden=[8]),
        "tarflow": partial(TarFlow, patch=2, size=8, layers=1),
    }.items()
    for shape, classes in {(1, 4, 4): 0, (3, 4, 2): 0, (1, 4, 8): 3, (2,): 0, (5,): 3}.items()
}
ALL = BIJECTIONS | FLOWS


@pytest.mark.parametrize("name", ALL)
def test_it_is_inverted_and_knows_its_determinant(name):
    torch.manual_seed(0)
    make, shape = ALL[name]
    bijection = disturbed(make()).double().eval()  # such weights carry roundings of float32 far
    x, y = torch.rand(3, *shape, dtype=torch.float64) * 1.8 - 0.9, torch.tensor([2, 0, 1])
    z, log_det = bijection(x, y)
    assert log_det.shape == (3,)
    assert z.flatten(1).shape == x.flatten(1).shape
    assert torch.allclose(bijection.inverse(z, y), x, atol=1e-4)
    for one, label, expected in zip(x, y, log_det, strict=True):
        jacobian = torch.autograd.functional.jacobian(
            lambda v, label=label: bijection(v.view(1, *shape), label[None])[0].flatten(), one.flatten()
        )
        assert torch.linalg.slogdet(jacobian).logabsdet.item() == pytest.approx(expected.item(), abs=1e-3)


@pytest.mark.parametrize("name", [name for name in FLOWS if "(1, 4, 8)" in name])
def test_a_conditional_flow_heeds_the_class_and_wants_it(name):
    flow = disturbed(FLOWS[name][0]()).eval()
    x = torch.zeros(2, 1, 4, 8)
    z, _ = flow(x, torch.tensor([0, 1]))
    assert not torch.allclose(z[0], z[1])
    with pytest.raises(ValueError, match="needs the classes y"):
        flow(x)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 8, 8)])
@pytest.mark.parametrize(
    "flow", [partial(Glow, levels=3, steps=1, width=4), partial(RealNVP, scales=4, width=4, blocks=1)]
)
def test_scales_end_where_the_side_is_odd(flow, shape):
    flow = flow(shape, width=4).eval()
    x = torch.rand(2, *shape)
    z, _ = flow(x)
    assert z.shape == (2, flow.num_dims)
    assert torch.allclose(flow.inverse(z), x, atol=1e-4)
    assert halvings(shape) == (2 if shape[1] == 28 else 3)


def test_the_ordered_squeeze_is_the_authors():
    """The places in a 4x4 of each channel, as squeeze_2x2_ordered of tensorflow/models, research/real_nvp has them."""
    x = torch.arange(32.0).view(1, 2, 4, 4)
    z, _ = Composition([Squeeze(), Alternate()])(x)
    places = [[0, 2, 8, 10], [5, 7, 13, 15], [1, 3, 9, 11], [4, 6, 12, 14]]
    expected = [[16 * colour + place for place in row] for row in places for colour in range(2)]
    assert z.flatten(2)[0].tolist() == expected


def test_half_of_every_colours_pixels_leave_at_the_first_scale():
    flow = RealNVP((3, 4, 4), width=4, blocks=1).eval()
    x = torch.rand(1, 3, 4, 4, requires_grad=True)
    (early,) = torch.autograd.grad(flow(x)[0][0, :24].sum(), x)
    assert (early[0].abs() > 0).sum((1, 2)).min() >= 8
    jacobian = torch.autograd.functional.jacobian(lambda v: flow(v)[0][0, :24], x)[:, 0]
    own = jacobian.abs().flatten(1).argmax(1)  # each latent is mainly of one pixel
    assert sorted(own.tolist()) == [pixel for pixel in range(48) if (pixel // 4 + pixel) % 2]


def test_at_first_couplings_are_silent_and_rotations_keep_volumes():
    x = torch.rand(2, 4, 4, 4)
    z, log_det = SplitCoupling(4, ZeroConvolution, Exponential())(x)
    assert torch.equal(z, x)
    assert log_det.abs().max() == 0
    _, log_det = MaskedCoupling(checkerboard(4, 4), 4, residual, BoundedExponential(bound=0.0))(x)
    assert log_det.abs().max() == 0
    z, log_det = InvertibleLinear(4)(x)
    assert torch.allclose(z.square().sum(1), x.square().sum(1), atol=1e-4)
    assert torch.allclose(log_det, torch.zeros(2), atol=1e-4)


def test_what_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match="one dimension"):
        RealNVP((1,))
    with pytest.raises(ValueError, match="not 7x7"):
        Glow((1, 7, 7))
    with pytest.raises(ValueError, match="pictures or points"):
        RealNVP((1, 100))
    with pytest.raises(ValueError, match="between 0 and 0.5"):
        Logit(0.5)


def test_log_determinants_stay_in_float32_under_autocast():
    flow = disturbed(Glow((1, 4, 4), levels=2, steps=2, width=6)).eval()
    x = torch.rand(2, 1, 4, 4)
    with torch.autocast("cpu", torch.bfloat16):
        z, log_det = flow(x)
        back = flow.inverse(z)
    assert z.dtype == log_det.dtype == torch.float32
    assert torch.allclose(back, x, atol=1e-4)


@torch.no_grad()
def disturbed(net: nn.Module) -> nn.Module:
    """Leave the initial weights, many of which are zero, and the initial statistics."""
    for parameter in net.parameters():
        parameter.add_(0.2 * torch.randn_like(parameter))
    for norm in net.modules():
        if isinstance(norm, BatchNormalisation):
            norm.mean.normal_()
            norm.variance.uniform_(0.5, 2.0)
    return net


def test_chains_that_overflow_backwards_end_in_numbers():
    """A small scale divides; infinities would meet in the next part as no number."""
    parts = [DiagonalScaling(4) for _ in range(3)]
    for part in parts:
        nn.init.constant_(next(part.parameters()), -60.0)
    assert Composition([*parts, InvertibleLinear(4)]).inverse(torch.randn(2, 4)).isfinite().all()
