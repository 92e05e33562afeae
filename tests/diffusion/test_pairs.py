"""Facts of the pairs of noise levels of ECT and iCT, and of the times of MeanFlow."""

import math

import pytest
import torch

from gen_models.diffusion.noise_pairs import ContinuousPairs, NeighbouringPairs
from gen_models.diffusion.time_pairs import CappedTimes, SortedTimes
from gen_models.diffusion.times import LogitNormalTimes

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("divisions", "lower"),
    # source: locuslab/ect training/loss.py, ECMLoss.t_to_r_sigmoid at stages 0, 3 and 7
    {
        2: (0.0, 0.0, 0.0, 0.046377, 4.998184, 40.0),
        16: (0.006887, 0.374365, 0.803029, 1.755797, 9.374773, 75.0),
        256: (0.009805, 0.492148, 0.987689, 1.984737, 9.960923, 79.6875),
    }.items(),
)
def test_the_lower_level_of_ect_is_the_authors(divisions, lower):
    sigma = torch.tensor([0.01, 0.5, 1.0, 2.0, 10.0, 80.0])
    assert ContinuousPairs(divisions=divisions).lower(sigma).tolist() == pytest.approx(lower, abs=1e-5)


def test_with_two_divisions_ect_only_denoises_up_to_the_logarithm_of_seven():
    sigma = torch.tensor([math.log(7) - 1e-3, math.log(7) + 1e-3])
    assert (ContinuousPairs(divisions=2).lower(sigma) > 0).tolist() == [False, True]


def test_ect_draws_levels_from_a_log_normal():
    torch.manual_seed(0)
    sigma, lower = ContinuousPairs(divisions=8).draw(100_000, CPU)
    assert sigma.log().mean().item() == pytest.approx(-1.1, abs=0.02)
    assert sigma.log().std().item() == pytest.approx(2, abs=0.02)
    assert (lower < sigma).all()
    assert (lower >= 0).all()


def test_ict_has_intervals_between_karras_levels():
    levels = NeighbouringPairs(divisions=10).levels()
    assert len(levels) == 11
    assert levels[[0, -1]].tolist() == pytest.approx([0.002, 80.0])
    roots = levels.double() ** (1 / 7)
    assert torch.allclose(roots.diff(), roots.diff()[0], rtol=1e-4)


def test_ict_draws_each_interval_as_often_as_a_gaussian_of_the_logarithm_says():
    torch.manual_seed(0)
    pairs = NeighbouringPairs(divisions=20)
    levels = pairs.levels()
    normal = torch.distributions.Normal(-1.1, 2.0)
    masses = normal.cdf(levels.log()).diff()
    shares = pairs.shares(levels)
    assert torch.allclose(shares / shares.sum(), masses / masses.sum(), atol=1e-6)
    upper, lower = pairs.draw(100_000, CPU)
    place = torch.searchsorted(levels, upper)
    assert torch.equal(levels[place - 1], lower)
    drawn = torch.bincount(place - 1, minlength=20) / 100_000
    assert torch.allclose(drawn, masses / masses.sum(), atol=0.006)


@pytest.mark.parametrize("pairs", [SortedTimes, CappedTimes])
def test_times_are_in_order_and_differ_as_often_as_they_should(pairs):
    torch.manual_seed(0)
    times = [LogitNormalTimes(-0.6, 1.6), LogitNormalTimes(-4.0, 1.6)]
    r, t = pairs(*times[: 1 if pairs is SortedTimes else 2], differing=0.75).draw(100_000, CPU)
    assert (r <= t).all()
    capped = (times[1].draw(100_000, CPU) >= times[0].draw(100_000, CPU)).float().mean().item()
    expected = 0.75 if pairs is SortedTimes else 0.75 * (1 - capped)
    assert (r < t).float().mean().item() == pytest.approx(expected, abs=0.01)


def test_capped_times_leave_t_its_own_distribution():
    torch.manual_seed(0)
    _, t = CappedTimes(LogitNormalTimes(-0.6, 1.6), LogitNormalTimes(-4.0, 1.6)).draw(100_000, CPU)
    assert t.logit().mean().item() == pytest.approx(-0.6, abs=0.02)
