"""Closed forms of the flow between Gaussians, against quadrature, regression and derivatives."""

import math

import pytest
import torch

from gen_models.diffusion.grids import UniformGrid
from gen_models.diffusion.solvers import Euler
from gen_models.experiments.theory.gaussian_flow import GaussianFlow

FLOW = GaussianFlow(0.3, 0.4)
MIDDLES = (torch.arange(2000, dtype=torch.float64) + 0.5) / 2000
Z = torch.linspace(-2, 2, 5, dtype=torch.float64)


def quarter(value):
    return torch.full_like(Z, value)


def test_the_floor_is_s_squared_over_v_and_its_integral_s_pi_over_2():
    # by hand, for s = 0.4
    expected = {0.1: 0.19714, 0.5: 0.55172, 0.9: 1.14613}
    for t, least in expected.items():
        assert float(FLOW.floor(torch.tensor(t))) == pytest.approx(least, abs=1e-5)
    assert float(FLOW.floor(MIDDLES).mean()) == pytest.approx(FLOW.mean_floor, abs=1e-6)
    assert FLOW.mean_floor == pytest.approx(0.62832, abs=1e-5)


def test_the_velocity_is_the_regression_of_the_difference_on_the_state():
    torch.manual_seed(0)
    start, end, t = torch.randn(200_000), 0.3 + 0.4 * torch.randn(200_000), torch.tensor(0.3)
    x = (1 - t) * start + t * end
    residual = end - start - FLOW.velocity(x, t)
    assert float(residual.mean()) == pytest.approx(0, abs=0.01)
    assert float((residual * x).mean()) == pytest.approx(0, abs=0.01)
    assert float(residual.square().mean()) == pytest.approx(float(FLOW.floor(t)), rel=0.01)


def test_solutions_have_the_velocity_as_their_derivative():
    t = quarter(0.25)
    x, slope = torch.func.jvp(lambda t: FLOW.at(Z, t), (t,), (torch.ones_like(t),))
    assert torch.allclose(slope, FLOW.velocity(x, t), atol=1e-12)
    assert torch.allclose(FLOW.at(Z, quarter(1.0)), 0.3 + 0.4 * Z)


def test_the_straightness_of_independent_pairs_is_s_times_2_minus_half_pi():
    bent = [(0.3 - 0.6 * Z - FLOW.velocity(FLOW.at(Z, t.expand(5)), t.expand(5))).square() for t in MIDDLES]
    of_unit = torch.stack(bent).mean(0) / Z.square()  # the solutions are linear in z, so that z² factors out
    assert torch.allclose(of_unit[Z != 0], torch.tensor(FLOW.straightness).double(), atol=1e-6)
    assert FLOW.straightness == pytest.approx(0.4 * (2 - math.pi / 2))


def test_one_step_of_euler_gives_the_mean():
    ends = Euler().solve(lambda x, t: FLOW.velocity(x, x.new_tensor(t)), Z, UniformGrid().times(1))
    assert torch.allclose(ends, torch.full_like(Z, 0.3), atol=1e-12)


def test_the_mean_velocity_satisfies_the_identity_of_mean_flows():
    """U = v + (end - t) du/dt along the flow, which is (6) of the paper with time from noise to data."""
    x, t, end = Z, quarter(0.25), quarter(0.8)
    v = FLOW.velocity(x, t)
    u, derivative = torch.func.jvp(lambda x, t: FLOW.mean_velocity(x, t, end), (x, t), (v, torch.ones_like(t)))
    assert torch.allclose(u, v + (end - t) * derivative, atol=1e-12)
    assert torch.allclose(FLOW.mean_velocity(x, t, t + 1e-6), v, atol=1e-5)


def test_mean_velocities_of_both_halves_average_to_that_of_the_whole():
    start, half, end = quarter(0.0), quarter(0.5), quarter(1.0)
    first = FLOW.mean_velocity(Z, start, half)
    second = FLOW.mean_velocity(Z + 0.5 * first, half, end)
    whole = FLOW.mean_velocity(Z, start, end)
    assert torch.allclose(0.5 * (first + second), whole, atol=1e-12)
    assert torch.allclose(Z + whole, 0.3 + 0.4 * Z, atol=1e-12)
