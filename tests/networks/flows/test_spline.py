"""Facts of Durkan et al. (2019)."""

import pytest
import torch

from gen_models.latents.priors import Normal
from gen_models.networks.flows.spline import UNIT, evaluate, invert, parameters, spline_of
from gen_models.networks.flows.spline_flow import SplineFlow

K, B = 8, 3.0


@pytest.fixture
def raw():
    return 2 * torch.randn(400, parameters(K), generator=torch.Generator().manual_seed(0)).double()


@pytest.fixture
def points():
    return torch.linspace(-B, B, 400).double()


def test_raw_zeros_make_the_identity():
    assert pytest.approx(0.53974, abs=1e-5) == UNIT
    x = torch.linspace(-4, 4, 101).double()
    y, log_slope = evaluate(spline_of(torch.zeros(101, parameters(K)).double(), B), x)
    torch.testing.assert_close(y, x, rtol=0, atol=1e-12)
    torch.testing.assert_close(log_slope, torch.zeros_like(x), rtol=0, atol=1e-12)


def test_the_inverse_is_analytic_and_the_ends_stay(raw, points):
    spline = spline_of(raw, B)
    y, _ = evaluate(spline, points)
    torch.testing.assert_close(invert(spline, y), points, rtol=0, atol=1e-7)
    assert y.abs().max() <= B + 1e-9
    assert y[[0, -1]].tolist() == pytest.approx([-B, B])
    beyond = torch.full((400,), 3.5).double()
    assert torch.equal(evaluate(spline, beyond)[0], beyond)
    assert torch.equal(invert(spline, beyond), beyond)


def test_it_rises_with_the_slope_that_it_says(raw, points):
    x = points.clone().requires_grad_()
    y, log_slope = evaluate(spline_of(raw, B), x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(slope.log(), log_slope, rtol=1e-6, atol=1e-6)
    one = spline_of(raw[:1].expand(400, -1), B)
    assert (evaluate(one, points)[0].diff() > 0).all()


def test_the_slope_is_continuous_at_the_knots_and_one_at_the_ends(raw):
    spline = spline_of(raw, B)
    for knot in range(1, K):
        left, right = (evaluate(spline, spline.x[:, knot] + step)[1] for step in (-1e-9, 1e-9))
        torch.testing.assert_close(left.exp(), spline.slopes[:, knot], rtol=1e-2, atol=1e-3)
        torch.testing.assert_close(left, right, rtol=0, atol=1e-2)
    assert torch.equal(spline.slopes[:, [0, -1]], torch.ones(400, 2).double())


def test_a_flow_begins_as_the_identity_and_its_density_sums_to_one():
    flow = SplineFlow((2,), couplings=4, hidden=(16,)).double()
    axis = torch.linspace(-5, 5, 201).double()
    grid = torch.cartesian_prod(axis, axis)
    z, log_det = flow(grid)
    torch.testing.assert_close(z, grid, rtol=0, atol=1e-5)  # couplings compute in float32
    for parameter in flow.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.2, generator=torch.Generator().manual_seed(parameter.numel()))
    z, log_det = flow(grid)
    mass = (Normal().log_prob(z) + log_det).exp().sum() * 0.05**2
    assert mass.item() == pytest.approx(1, abs=0.01)
    torch.testing.assert_close(flow.inverse(z), grid, rtol=0, atol=1e-2)
