"""How much a reader knows of a code."""

import math

import pytest
import torch

from gen_models.losses.information import categorical_log_likelihood, gaussian_log_likelihood, information_bound


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_the_bound_is_the_entropy_where_the_sample_is_the_code_and_never_more():
    code = torch.eye(10)[torch.randint(10, (500,))]
    for sharpness, share in ((0.0, 0.0), (100.0, 1.0)):
        bound = information_bound(categorical_log_likelihood(sharpness * code, code), math.log(10))
        assert bound.item() == pytest.approx(share * math.log(10), abs=1e-5)
    for _ in range(20):
        assert information_bound(categorical_log_likelihood(9 * torch.randn(500, 10), code), math.log(10)) < math.log(
            10
        )


def test_a_number_is_read_with_variance_one_and_nothing_else():
    code, mean = torch.randn(500, 3), torch.randn(500, 3)
    normal = torch.distributions.Normal(mean, 1.0)
    torch.testing.assert_close(gaussian_log_likelihood(mean, code), normal.log_prob(code).sum(1))
    entropy = 1.5 * math.log(2 * math.pi * math.e)
    best = information_bound(gaussian_log_likelihood(code, code), entropy)
    assert best.item() == pytest.approx(1.5, abs=1e-5)  # below the entropy: unit variance wastes half a nat a number
    ignorant = information_bound(gaussian_log_likelihood(torch.zeros_like(code), code), entropy)
    assert ignorant.item() == pytest.approx(0, abs=0.1)
