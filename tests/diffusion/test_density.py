"""The divergence by probes, and densities of flows that are known."""

import math

import pytest
import torch

from gen_models.diffusion.density import EXACT, ChangeOfVariables, divergence, log_normal, probes
from gen_models.diffusion.grids import UniformGrid
from gen_models.diffusion.solvers import Heun, Midpoint


def linear(matrix):
    return lambda x, t: x @ matrix.T


def test_few_dimensions_have_their_exact_trace_and_many_an_unbiased_estimate():
    torch.manual_seed(0)
    small, large = (torch.randn(d, d, dtype=torch.float64) for d in (3, EXACT + 4))
    x = torch.randn(2, 3, dtype=torch.float64)
    v, trace = divergence(linear(small), x, 0.0, probes(x, 1))
    assert torch.allclose(v, x @ small.T)
    assert torch.allclose(trace, small.trace().expand(2))
    x = torch.randn(4000, EXACT + 4, dtype=torch.float64)
    estimates = divergence(linear(large), x, 0.0, probes(x, 1))[1]
    error = float(estimates.std() / math.sqrt(len(x)))
    assert float(estimates.mean() - large.trace()) == pytest.approx(0, abs=4 * error)


def test_the_variance_of_a_probe_of_signs_is_that_of_hutchinson():
    """2 Σ s_ij² over i ≠ j of the symmetric part S; 0 for a diagonal matrix."""
    torch.manual_seed(0)
    matrix = torch.randn(EXACT + 4, EXACT + 4, dtype=torch.float64)
    x = torch.zeros(20000, EXACT + 4, dtype=torch.float64)
    symmetric = (matrix + matrix.T) / 2
    expected = 2 * (symmetric.square().sum() - symmetric.diag().square().sum())
    estimates = divergence(linear(matrix), x, 0.0, probes(x, 1))[1]
    assert float(estimates.var()) == pytest.approx(float(expected), rel=0.05)
    diagonal = divergence(linear(matrix.diag().diag()), x[:5], 0.0, probes(x[:5], 1))[1]
    assert torch.allclose(diagonal, matrix.trace().expand(5))


def test_the_density_of_a_gaussian_by_its_flow():
    """N(0, 1) to N(m, s²) along straight lines, independent pairs: density to 1e-6 by 2,000 midpoints."""
    m, s = 0.3, 0.4

    def velocity(x, t):
        return m + (t * s**2 - (1 - t)) / (t**2 * s**2 + (1 - t) ** 2) * (x - t * m)

    x = torch.linspace(-1, 1.5, 6, dtype=torch.float64)[:, None]
    exact = log_normal((x - m) / s) - math.log(s)

    def gap(solver, steps):
        z, integral = ChangeOfVariables(solver, steps).carried(velocity, x, UniformGrid().times(steps)[::-1])
        return float((log_normal(z) + integral - exact).abs().max())

    assert gap(Midpoint(), 2000) < 1e-6
    assert gap(Heun(), 50) / gap(Heun(), 100) == pytest.approx(4, rel=0.15)


def test_a_normal_density_integrates_to_one():
    x = torch.linspace(-40, 40, 4001, dtype=torch.float64)[:, None]
    assert float(log_normal(x, 3.0).exp().sum() * 0.02) == pytest.approx(1, abs=1e-9)
