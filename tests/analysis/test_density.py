import pytest
import torch

from gen_models.analysis.density import fit
from gen_models.errors import UsageError


@pytest.fixture
def clusters():
    torch.manual_seed(0)
    return torch.cat([torch.randn(300, 2) * 0.1 - 2, torch.randn(700, 2) * 0.1 + 2])


def test_a_gaussian_has_the_mean_and_the_covariance_of_the_codes():
    torch.manual_seed(0)
    codes = torch.randn(500, 3) @ torch.randn(3, 3) + torch.tensor([1.0, -2, 3])
    density = fit(codes, "gaussian")
    (factor,) = density.factors
    assert torch.allclose(density.means[0], codes.mean(0), atol=1e-4)
    assert torch.allclose(factor @ factor.T, codes.T.cov(correction=0), atol=1e-4)
    drawn = density.sample(100_000)
    assert torch.allclose(drawn.mean(0), codes.mean(0), atol=0.05)
    assert torch.allclose(drawn.T.cov(), codes.T.cov(), rtol=0.05, atol=0.05)


def test_a_mixture_leaves_the_gap_between_clusters_empty(clusters):
    torch.manual_seed(0)
    drawn, blurred = fit(clusters, "mixture", 2).sample(5000), fit(clusters, "gaussian").sample(5000)
    assert (drawn.abs() < 1).any(1).double().mean() < 0.001
    assert (blurred.abs() < 1).any(1).double().mean() > 0.2
    assert (drawn[:, 0] > 0).double().mean() == pytest.approx(0.7, abs=0.03)


def test_draws_follow_torchs_seed_and_carry_their_protocol(clusters):
    density = fit(clusters, "mixture", 3)
    draws = [density.sample(4) for _ in range(2) if torch.manual_seed(5)]
    assert torch.equal(*draws)
    assert density.protocol == {"density": "mixture-3", "n_codes": 1000, "density_seed": 0}
    with pytest.raises(UsageError, match="too few for 10 Gaussians"):
        fit(clusters[:9], "mixture", 10)
