"""Facts of the schedules of masked diffusion (Shi et al. 2024), with numbers of google-deepmind/md4."""

import pytest
import torch

from gen_models.diffusion.masks import CosineMasks, PolynomialMasks
from gen_models.diffusion.times import spread_times
from gen_models.families.parts.masking import masked_at

SCHEDULES = [PolynomialMasks(), PolynomialMasks(3.0), CosineMasks()]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=["linear", "cubic", "cosine"])
def test_all_is_shown_at_nought_and_hidden_at_one_and_the_time_is_the_inverse(schedule):
    ends = schedule.hidden(torch.tensor([0.0, 1.0]))
    assert torch.allclose(ends, torch.tensor([0.0, 1.0]), atol=1e-7)
    t = torch.tensor([1e-3, 0.2, 0.7, 0.999], dtype=torch.float64)
    assert torch.allclose(schedule.time(schedule.hidden(t)), t)


@pytest.mark.parametrize(
    ("schedule", "hidden", "weight"),
    [
        (SCHEDULES[0], [0.3, 0.8], [3.333333, 1.25]),
        (SCHEDULES[1], [0.027, 0.512], [10.0, 3.75]),
        (SCHEDULES[2], [0.453991, 0.951057], [3.082861, 0.510383]),
    ],
    ids=["linear", "cubic", "cosine"],
)
def test_schedules_are_the_authors(schedule, hidden, weight):
    """source: google-deepmind/md4 b9fbf29 md4/models/diffusion/md4.py, MaskingSchedule with eps=0 at 0.3 and 0.8.

    Of many levels about as many are hidden as are expected, and count as much as theirs do.
    """
    t = torch.tensor([0.3, 0.8])
    assert torch.allclose(schedule.hidden(t), torch.tensor(hidden), atol=1e-5)
    mask = masked_at(schedule, t, torch.empty(2, 200_000))
    assert torch.allclose(mask.hidden.float().mean(1), torch.tensor(hidden), atol=1e-4)
    assert torch.allclose(mask.time, t, atol=1e-4)
    assert torch.allclose(mask.weight, torch.tensor(weight), rtol=2e-3)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=["linear", "cubic", "cosine"])
def test_each_number_of_hidden_levels_counts_its_inverse_in_all(schedule):
    """Σ_n 1/n f(n) for any f: here f(n) = n, and f(n) = 1 for n = 3 alone."""
    t = 1 - torch.arange(60_000) / 60_000
    mask = masked_at(schedule, t, torch.empty(60_000, 5))
    count = mask.hidden.sum(1)
    assert (mask.weight * count).mean().item() == pytest.approx(5, rel=1e-3)
    assert (mask.weight * (count == 3)).mean().item() == pytest.approx(1 / 3, rel=1e-3)
    assert torch.allclose(mask.time, schedule.time(count / 5))
    assert mask.hidden.float().mean(0).std() < 0.01


def test_all_levels_are_hidden_at_the_last_time_and_one_at_the_first():
    mask = masked_at(PolynomialMasks(), torch.tensor([1.0, 1e-9]), torch.empty(2, 3, 4, 4))
    assert mask.hidden.flatten(1).sum(1).tolist() == [48, 1]
    assert mask.weight.tolist() == pytest.approx([1, 48])


def test_times_are_uniform_in_all_and_evenly_spread_in_each_batch():
    torch.manual_seed(0)
    times = spread_times(8, 1000, torch.device("cpu")).t()
    assert times.min() > 0
    assert times.max() <= 1
    assert torch.equal((times * 8).ceil().sort(1).values, torch.arange(1.0, 9).expand(1000, 8))
    assert times[:, 0].mean().item() == pytest.approx(0.5, abs=0.03)
