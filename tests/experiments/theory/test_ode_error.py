"""Densities by an equation, of the flow that is known."""

import pytest

from gen_models.experiments.theory.gaussian_flow import GaussianFlow
from gen_models.experiments.theory.ode_error import known_errors, slope


def test_errors_fall_as_the_orders_say_and_below_a_millionth():
    errors = known_errors(GaussianFlow(0.0, 0.5))
    assert slope(errors["euler"]) == pytest.approx(-1, abs=0.1)
    assert slope(errors["heun"]) == pytest.approx(-2, abs=0.1)
    assert slope(errors["rk4"]) == pytest.approx(-4, abs=0.2)
    assert errors["rk4"][-1] < 1e-6
