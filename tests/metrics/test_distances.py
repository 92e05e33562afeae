import pytest
import torch

from gen_models.metrics.distances import fid_extrapolated, rbf_mmd, sliced_wasserstein
from gen_models.metrics.features import Features
from gen_models.metrics.measures import fid
from tests.metrics.test_measures import normal


def test_extrapolated_fid_takes_the_bias_of_few_samples_away():
    torch.manual_seed(0)
    real = normal(20000, 16, 1)
    pairs = [(fid(normal(400, 16, seed), real), fid_extrapolated(normal(400, 16, seed), real)) for seed in range(2, 12)]
    plain, extrapolated = (torch.tensor([each.value for each in found]) for found in zip(*pairs, strict=True))
    assert plain.mean() > 0.2
    assert extrapolated.mean().abs() < 0.25 * plain.mean()


def test_extrapolated_fid_warns_where_it_is_no_line():
    for few in (8, 30):  # its line begins at a tenth, where half of the samples are no more than features
        assert "warning" in fid_extrapolated(normal(few, 16, 0), normal(100, 16, 1)).found
    assert "warning" not in fid_extrapolated(normal(400, 16, 0), normal(400, 16, 1)).found


def test_extrapolated_fid_begins_with_more_samples_than_features():
    found = fid_extrapolated(normal(100, 16, 0), normal(100, 16, 1))
    assert (found.protocol["least"], "warning" in found.found) == (17, False)
    assert fid_extrapolated(normal(400, 16, 0), normal(100, 16, 1)).protocol["least"] == 40


@pytest.mark.parametrize(("mean", "deviation", "expected"), [(2.0, 1.0, 4.0), (0.0, 3.0, 4.0)])
def test_sliced_wasserstein_of_gaussians_is_the_closed_form(mean, deviation, expected):
    torch.manual_seed(0)
    # |m|^2 / F for a shift by m, and (s - 1)^2 for another deviation, since each direction is a Gaussian again
    found = sliced_wasserstein(normal(2000, 8, 0, mean, deviation), normal(2000, 8, 1)).value
    assert found == pytest.approx(expected, rel=0.1)


def test_sliced_wasserstein_of_sets_of_different_sizes_is_exact():
    x, y = normal(6, 1, 0).x, normal(4, 1, 1).x  # along one dimension every direction is the same
    repeated = [z.repeat_interleave(12 // len(z), 0).sort(0).values for z in (x, y)]
    expected = (repeated[0] - repeated[1]).square().mean().item()
    assert sliced_wasserstein(Features(x), Features(y)).value == pytest.approx(expected, rel=1e-6)


def test_mmd_is_the_mean_over_pairs_and_unbiased():
    x, y = normal(30, 4, 0, mean=1.0), normal(20, 4, 1)
    found = rbf_mmd(x, y)
    width = found.found["squared_width"]
    k = {pair: (-torch.cdist(*pair_of(pair, x, y)).square() / (2 * width)).exp() for pair in ("xx", "yy", "xy")}
    own = sum((k[pair].sum() - len(k[pair])) / (len(k[pair]) * (len(k[pair]) - 1)) for pair in ("xx", "yy"))
    assert found.value == pytest.approx((own - 2 * k["xy"].mean()).item(), rel=1e-4)
    alike = torch.tensor([rbf_mmd(normal(50, 4, 2 * i), normal(50, 4, 2 * i + 1)).value for i in range(20)])
    assert alike.mean().abs() < 3 * alike.std() / len(alike) ** 0.5


def pair_of(pair, x, y):
    return [{"x": x.x, "y": y.x}[name] for name in pair]


def test_the_error_of_mmd_is_its_spread_over_samples():
    found = [rbf_mmd(normal(100, 4, 2 * i, mean=0.5), normal(100, 4, 2 * i + 1)) for i in range(40)]
    spread = torch.tensor([each.value for each in found]).std().item()
    assert found[0].error == pytest.approx(spread, rel=0.5)
