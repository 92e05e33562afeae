"""DPM-Solver++ against its authors' code, and its order, on ways whose end is known."""

import math

import pytest
import torch

from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.grids import UniformGrid, karras
from gen_models.diffusion.interpolants import LinearPath, VariancePreservingPath

STD = 0.5


def walked(prediction, coefficients, x, times):
    advance = DPMSolver().walk(prediction, coefficients)
    for t, end in zip(times, times[1:], strict=False):
        x = advance(x, t, end)
    return x


# LuChengTHU/dpm-solver (52bc3fb), dpm_solver_pytorch.py: NoiseScheduleVP("linear"), of a network that predicts the
# noise 0.9 sin(x + t); DPM_Solver(algorithm_type="dpmsolver++").sample(x, steps, t_start=1, t_end, order=2,
# skip_type="time_uniform", method="multistep"), in float64. Of less than ten steps the last is of order 1, as here
# where it is long.
STATES = [[0.3, -1.2, 0.7], [2.0, 0.1, -0.4]]
AUTHORS = {
    (5, 1e-3): [[-38.1071113711, -175.0925477503, -3.5853998462], [300.759415443, -70.9177114296, -142.7529061404]],
    (10, 0.1): [[-12.3157049562, -115.9107252676, -2.1074384615], [327.6628810495, -18.505002302, -48.303326262]],
}


def linear_schedule(t):
    """a and b of their variance-preserving schedule, with β from 0.1 to 20."""
    log_signal = -0.25 * t**2 * (20 - 0.1) - 0.5 * t * 0.1
    return math.exp(log_signal), math.sqrt(1 - math.exp(2 * log_signal))


@pytest.mark.parametrize(("steps", "end"), AUTHORS)
def test_it_equals_its_authors_code(steps, end):
    def data(x, t):
        a, b = linear_schedule(t)
        return (x - b * 0.9 * torch.sin(x + t)) / a

    times = torch.linspace(1, end, steps + 1, dtype=torch.float64).tolist()
    found = walked(data, linear_schedule, torch.tensor(STATES, dtype=torch.float64), times)
    assert torch.allclose(found, torch.tensor(AUTHORS[steps, end], dtype=torch.float64), rtol=1e-9)


def best(coefficients):
    """The best prediction for data N(0, ½²)."""

    def data(x, t):
        a, b = coefficients(t)
        return a * STD**2 / (a**2 * STD**2 + b**2) * x

    return data


def path(interpolant):
    return lambda t: tuple(float(each) for each in interpolant.coefficients(torch.tensor([t], dtype=torch.float64)))


@pytest.mark.parametrize("interpolant", [LinearPath(), VariancePreservingPath()], ids=["linear", "trigonometric"])
def test_it_goes_from_noise_alone_to_data_alone(interpolant):
    """There λ is -∞ and ∞, and a single step of order 1 does no harm: errors fall about as by order 2."""
    coefficients = path(interpolant)

    def error(steps):
        start = torch.ones(1, dtype=torch.float64)
        return abs(float(walked(best(coefficients), coefficients, start, UniformGrid().times(steps))) - STD)

    assert error(160) / error(320) > 3
    assert error(320) < 1.3e-4


def test_it_is_of_order_two_along_the_levels_of_edm():
    def error(steps):
        times, start = karras(steps, 0.002, 80.0), torch.full((1,), 80.0, dtype=torch.float64)
        end = walked(best(lambda t: (1.0, t)), lambda t: (1.0, t), start, [*times, 0.0])
        return abs(float(end) - 80 * STD / math.hypot(80, STD))

    assert error(72) / error(144) == pytest.approx(4, rel=0.15)
    assert error(18) < 0.04  # Heun's takes twice as many evaluations for 0.0276


def test_a_constant_prediction_is_reached_exactly_from_anywhere():
    goal = torch.tensor([[0.3, -0.7]], dtype=torch.float64)
    for times in ([0.0, 0.5, 1.0], [0.0, 0.9, 0.95, 1.0]):
        found = walked(lambda x, t: goal, path(LinearPath()), torch.randn(4, 2, dtype=torch.float64), times)
        assert torch.allclose(found, goal.expand(4, 2))


def test_every_way_begins_anew():
    solver, coefficients = DPMSolver(), path(VariancePreservingPath())
    first = solver.walk(best(coefficients), coefficients)
    first(torch.ones(1, dtype=torch.float64), 0.2, 0.4)
    x = torch.full((1,), 2.0, dtype=torch.float64)
    one_step = solver.walk(best(coefficients), coefficients)(x, 0.4, 0.8)
    assert not torch.equal(first(x, 0.4, 0.8), one_step)
    (a, b), (a_end, b_end) = coefficients(0.4), coefficients(0.8)
    data = best(coefficients)(x, 0.4)
    assert torch.allclose(one_step, a_end * data + b_end * (x - a * data) / b)  # DDIM's
