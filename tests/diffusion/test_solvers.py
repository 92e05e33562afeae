"""Orders, grids and counts, on the probability flow of Gaussian data, whose solution is known."""

import math

import pytest
import torch

from gen_models.diffusion.adaptive import Dopri5, solver_named
from gen_models.diffusion.grids import KarrasGrid, ShiftedGrid, UniformGrid, karras
from gen_models.diffusion.solvers import RK4, Euler, Heun, Midpoint
from gen_models.errors import UsageError

DATA = 0.5


def velocity(x, sigma):
    """EDM's for data N(0, ½²): the best denoiser is a factor."""
    return x * sigma / (sigma**2 + DATA**2)


def error(solver, steps):
    """At σ = 0, of the state that begins as 80 at σ = 80, by the solver and a last step of Euler."""
    times, counted = karras(steps, 0.002, 80.0), []
    start = torch.full((1, 1), 80.0, dtype=torch.float64)
    x = solver.solve(lambda x, t: counted.append(t) or velocity(x, t), start, times)
    end = float(x - times[-1] * velocity(x, times[-1]))
    return abs(end - 80 * DATA / math.hypot(80, DATA)), len(counted)


@pytest.mark.parametrize(
    ("solver", "expected", "ratio"),
    [(Heun(), (0.0276, 0.00611, 0.00144, 0.000345), 4), (Euler(), (0.0770, 0.0390, 0.0196, 0.0098), 2)],
    ids=["heun", "euler"],
)
def test_errors_shrink_with_the_order_of_the_method(solver, expected, ratio):
    errors = [error(solver, steps)[0] for steps in (18, 36, 72, 144)]
    assert errors == pytest.approx(expected, rel=6e-3)
    assert errors[2] / errors[3] == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize(("solver", "order"), [(Midpoint(), 2), (RK4(), 4), (Heun(), 2), (Euler(), 1)])
def test_errors_of_the_exponential_function(solver, order):
    def gap(steps):
        grid = UniformGrid().times(steps)
        return abs(float(solver.solve(lambda x, t: x, torch.ones(1, dtype=torch.float64), grid)) - math.e)

    assert gap(20) / gap(40) == pytest.approx(2**order, rel=0.1)


@pytest.mark.parametrize("solver", [Euler(), Heun(), Midpoint(), RK4()])
def test_evaluations_are_known_in_advance(solver):
    assert solver.evaluations(17) == error(solver, 18)[1]


def test_the_adaptive_pair_keeps_its_tolerance_and_stops_where_it_is_told():
    start = torch.ones(3, 2, dtype=torch.float64)
    states = list(Dopri5().states(lambda x, t: -x, start, [1.0, 0.5, 0.0]))
    assert [float(state[2, 1]) for state in states] == pytest.approx([math.exp(0.5), math.e], rel=1e-4)
    assert Dopri5().evaluations(2) is None
    assert torch.equal(Dopri5().step(lambda x, t: -x, start, 1.0, 0.0), states[-1]) or states[-1].shape == (3, 2)


def test_solvers_are_asked_for_by_name():
    assert isinstance(solver_named("rk4"), RK4)
    with pytest.raises(UsageError, match="no solver 'hein': did you mean heun"):
        solver_named("hein")


def test_the_noise_levels_of_edm():
    levels = karras(18, 0.002, 80.0)
    # source: NVlabs/edm generate.py, edm_sampler, t_steps of num_steps=18
    assert levels[:5] == pytest.approx([80, 57.586, 40.7856, 28.3746, 19.3525], rel=1e-5)
    assert levels[-3:] == pytest.approx([0.0229, 0.0075, 0.002], abs=5e-5)


@pytest.mark.parametrize("grid", [UniformGrid(), ShiftedGrid(3.0), KarrasGrid()])
def test_grids_rise_from_noise_to_data(grid):
    times = grid.times(9)
    assert (times[0], times[-1], len(times)) == (0.0, 1.0, 10)
    assert all(a < b for a, b in zip(times, times[1:], strict=False))


def test_a_shifted_grid_spends_its_steps_near_noise():
    assert ShiftedGrid(3.0).times(2)[1] == pytest.approx(0.25)
    assert ShiftedGrid(1.0).times(7) == pytest.approx(UniformGrid().times(7))
