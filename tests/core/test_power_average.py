"""Power-function averages: widths, updates, and averages that are made afterwards."""

import math

import pytest
import torch
from torch import nn

from gen_models.core.average import Averages, PowerAveraging
from gen_models.core.power_average import Profile, coefficients, exponent, shares
from gen_models.errors import UsageError


def test_exponents_are_the_papers():
    assert exponent(0.05) == pytest.approx(16.97, abs=0.005)  # Karras et al. 2024, section 3.1
    assert exponent(0.10) == pytest.approx(6.94, abs=0.005)
    assert exponent(12**-0.5) == pytest.approx(0, abs=1e-6)  # the plain mean
    for gamma in (1.0, 5.0, 30.0):
        assert exponent(math.sqrt((gamma + 1) / ((gamma + 2) ** 2 * (gamma + 3)))) == pytest.approx(gamma)
    for std in (0, 0.3):
        with pytest.raises(UsageError, match="at most 0.288"):
            exponent(std)


def test_weights_that_grow_with_time_have_the_profiles_mean():
    network = nn.Linear(1, 1, bias=False)
    averages = Averages({"net": network}, PowerAveraging(["net"], 0.1))
    for turn in range(1, 2001):
        network.weight.data.fill_(turn / 2000)
        averages.update("net", network, 10 * turn)
    gamma = exponent(0.1)
    assert float(averages.copies["net"].weight.detach()) == pytest.approx((gamma + 1) / (gamma + 2), abs=1e-3)


def test_an_average_of_another_width_is_made_of_snapshots():
    """A random walk, snapshots of two widths at eight times, and a third width that was followed as well."""
    walk = torch.randn(800, 16, generator=torch.Generator().manual_seed(1)).cumsum(0)
    followed = {std: torch.zeros(16) for std in (0.05, 0.07, 0.1)}
    stored: list[tuple[Profile, torch.Tensor]] = []
    for turn, weights in enumerate(walk, 1):
        for std, average in followed.items():
            average.lerp_(weights, 1 - PowerAveraging(["net"], std).decay(1, turn))
            if turn % 100 == 0 and std != 0.07:
                stored.append((Profile(turn, exponent(std)), average.clone()))
    shares = coefficients([profile for profile, _ in stored], Profile(800, exponent(0.07)))
    made = sum(float(share) * average for share, (_, average) in zip(shares, stored, strict=True))
    spread = float((followed[0.05] - followed[0.1]).norm())
    assert float((made - followed[0.07]).norm()) < 0.02 * spread
    assert shares.sum() == pytest.approx(1, abs=0.01)


def test_what_was_stored_is_found_again():
    stored = [Profile(t, exponent(std)) for t in (100, 200) for std in (0.05, 0.1)]
    shares = coefficients(stored, Profile(200, exponent(0.1)))
    assert shares == pytest.approx([0, 0, 0, 1], abs=1e-6)


@pytest.mark.parametrize("std", [0.01, 0.03, 0.07, 0.15, 0.25])
@pytest.mark.parametrize("times", [(100,), (100, 200), range(100, 1100, 100)])
def test_what_never_changed_is_its_own_average_at_any_width(times, std):
    stored, wanted = [Profile(t, exponent(s)) for t in times for s in (0.05, 0.1)], Profile(times[-1], exponent(std))
    free, never_negative = coefficients(stored, wanted), shares(stored, wanted)
    assert free.sum() == pytest.approx(1, abs=1e-6)
    assert never_negative.sum() == pytest.approx(1, abs=1e-6)
    assert never_negative.min() >= 0


def test_shares_are_the_coefficients_where_these_are_shares():
    stored, wanted = [Profile(100, exponent(std)) for std in (0.05, 0.1)], Profile(100, exponent(0.07))
    assert coefficients(stored, wanted).min() > 0
    assert shares(stored, wanted) == pytest.approx(coefficients(stored, wanted), abs=1e-4)
