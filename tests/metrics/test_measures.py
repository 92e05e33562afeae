import pytest
import torch
from torchmetrics.image.fid import FrechetInceptionDistance

from gen_models.metrics.features import Features
from gen_models.metrics.measures import fid, inception_score, kid


def normal(n, width, seed, mean=0.0, deviation=1.0):
    return Features(mean + deviation * torch.randn(n, width, generator=torch.Generator().manual_seed(seed)))


def test_fid_of_gaussians_is_the_closed_form():
    # |m|^2 + sum (s1 - s2)^2 = 4 * 0.25 + 4 * 1, for independent coordinates
    value = fid(normal(20000, 4, 0, mean=0.5, deviation=2.0), normal(20000, 4, 1)).value
    assert value == pytest.approx(5.0, rel=0.03)


def test_fid_sees_the_covariance_and_not_only_the_variances():
    x = normal(20000, 2, 0).x
    correlation = 0.9
    sheared = torch.stack([x[:, 0], correlation * x[:, 0] + (1 - correlation**2) ** 0.5 * x[:, 1]], 1)
    expected = 4 - 2 * ((1 + correlation) ** 0.5 + (1 - correlation) ** 0.5)
    assert fid(Features(sheared), normal(20000, 2, 1)).value == pytest.approx(expected, rel=0.05)


def test_fid_of_a_set_with_itself_is_zero_and_never_below():
    same = normal(500, 16, 0)
    assert 0 <= fid(same, same).value < 1e-6


@pytest.mark.parametrize("n", [40, 300])
def test_fid_is_that_of_torchmetrics(n):
    fake, real = normal(n, 24, 0, mean=0.3, deviation=1.5), normal(500, 24, 1)
    metric = FrechetInceptionDistance(feature=Given(24), sync_on_compute=False)
    metric.update(real.x.double(), real=True)
    metric.update(fake.x.double(), real=False)
    assert fid(fake, real).value == pytest.approx(metric.compute().item(), rel=1e-6)


class Given(torch.nn.Identity):
    """Stands where torchmetrics expects a network: its input are the features."""

    def __init__(self, num_features):
        super().__init__()
        self.num_features = num_features


@pytest.mark.parametrize(("n", "warned"), [(8, True), (9, False)])
def test_fid_warns_where_the_covariance_is_singular(n, warned):
    assert ("warning" in fid(normal(n, 8, 0), normal(100, 8, 1)).found) is warned


def test_kid_is_unbiased_where_fid_is_not():
    pairs = [(normal(100, 32, 2 * i), normal(100, 32, 2 * i + 1)) for i in range(20)]
    kids = torch.tensor([kid(*pair).value for pair in pairs])
    assert kids.mean().abs() < 3 * kids.std() / len(pairs) ** 0.5
    assert min(fid(*pair).value for pair in pairs) > 1


def test_kid_orders_the_levels_of_noise():
    real = normal(1000, 16, 0)
    values = [kid(normal(1000, 16, 1, deviation=s), real).value for s in (1.0, 1.2, 1.5, 2.0)]
    assert values == sorted(values)
    assert values[0] < 0.02 < values[1]


@pytest.mark.parametrize(("n", "subset_size"), [(2, 2), (3, 2), (100, 50), (2500, 1000)])
def test_kid_states_its_subsets_and_survives_small_sets(n, subset_size):
    estimate = kid(normal(n, 2, 0), normal(n, 2, 1))
    assert estimate.protocol == {"subsets": 100 if n == 2500 else 20, "subset_size": subset_size}
    assert torch.isfinite(torch.tensor([estimate.value, estimate.error])).all()


def test_inception_score_counts_the_classes_that_are_told_apart():
    sure = Features(torch.zeros(5000, 1), 100 * torch.eye(10).repeat(500, 1))
    estimate = inception_score(sure, sure)
    assert estimate.value == pytest.approx(10, rel=0.02)
    assert estimate.protocol == {"splits": 10}
    unsure = Features(torch.zeros(100, 1), torch.zeros(100, 10))
    estimate = inception_score(unsure, sure)
    assert (estimate.value, estimate.error, estimate.protocol) == (pytest.approx(1), None, {"splits": 1})


def test_a_class_of_no_probability_leaves_the_inception_score_a_number():
    logits = torch.tensor([[0.0, 1e4, -1e4], [1e4, 0.0, -1e4]]).repeat(10, 1)
    assert inception_score(Features(logits, logits), Features(logits)).value == pytest.approx(2)


@pytest.mark.parametrize("count", [700, 300])  # more samples than features, and fewer
def test_fid_is_that_of_the_roots_of_the_covariances(count):
    fake, real = normal(count, 350, 0), normal(900, 350, 1)
    s, t = fake.x.double().T.cov(), real.x.double().T.cov()
    overlap = torch.linalg.eigvals(s @ t).real.clamp(min=0).sqrt().sum()
    direct = (fake.x.double().mean(0) - real.x.double().mean(0)).square().sum() + s.trace() + t.trace() - 2 * overlap
    assert fid(fake, real).value == pytest.approx(float(direct), rel=1e-6)
