"""A game computed by hand: the first critic believes 20 % of the other's samples, the second 40 %."""

import math

import pytest

from gen_models.metrics.gam import CriticRates, accuracy_reading, error_reading

FIRST, SECOND = CriticRates(other=0.2, held_out=0.9), CriticRates(other=0.4, held_out=0.8)


def test_both_published_readings_agree_on_the_better_and_not_on_the_test():
    by_accuracies = accuracy_reading(FIRST, SECOND, 1000, tolerance=0.2)
    assert by_accuracies == (pytest.approx(0.8 / 0.6), pytest.approx(0.9 / 0.8), "first")
    by_errors = error_reading(FIRST, SECOND, 1000, tolerance=0.2)
    assert by_errors == (pytest.approx(0.5), pytest.approx(0.5), "withheld")  # one critic errs twice as often
    assert error_reading(FIRST, SECOND, 1000, tolerance=1.1).verdict == "first"
    assert accuracy_reading(SECOND, FIRST, 1000, 0.2).verdict == "second"


def test_what_may_be_chance_is_a_tie():
    assert accuracy_reading(FIRST, SECOND, 10, 0.2).verdict == "tie"
    assert error_reading(CriticRates(0.2, 0.9), CriticRates(0.2, 0.9), 1000, 0.2).verdict == "tie"


def test_critics_without_an_error_have_ratios_too():
    reading = error_reading(CriticRates(0.0, 1.0), CriticRates(0.5, 1.0), 1000, 0.2)
    assert reading == (0.0, 1.0, "first")
    assert error_reading(CriticRates(0.5, 1.0), CriticRates(0.0, 1.0), 1000, 0.2).sample_ratio == math.inf
