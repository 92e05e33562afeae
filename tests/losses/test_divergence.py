import pytest
import torch
from torch.distributions import Normal, kl_divergence

from gen_models.losses.divergence import free_bits, kl_by_dimension, kl_of_normals, kl_to_standard_normal


def test_the_kl_is_that_of_two_gaussians():
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0, 1))
    torch.testing.assert_close(kl_by_dimension(mean, log_variance), expected)
    torch.testing.assert_close(kl_to_standard_normal(mean, log_variance), expected.sum(1))


def test_the_kl_of_the_prior_is_exactly_zero_and_close_to_it_no_less():
    assert torch.equal(kl_to_standard_normal(torch.zeros(2, 3), torch.zeros(2, 3)), torch.zeros(2))
    near = torch.linspace(-1e-3, 1e-3, 1001)[:, None]
    torch.testing.assert_close(kl_by_dimension(0 * near, near), near.square() / 4, rtol=1e-2, atol=1e-9)


def test_free_bits_bound_each_dimension_from_below_after_the_mean_over_the_batch():
    kl = torch.tensor([[0.0, 0.1], [3.0, 0.1]], requires_grad=True)  # means 1.5 and 0.1
    value = free_bits(kl, 0.5)
    value.backward()
    assert value.item() == pytest.approx(1.5 + 0.5)
    assert torch.equal(kl.grad, torch.tensor([[0.5, 0.0], [0.5, 0.0]]))  # the empty dimension is left alone
    assert free_bits(kl, 0.0).item() == pytest.approx(kl.sum(1).mean().item())


def test_the_kl_of_two_normals_is_in_closed_form():
    mean, log_sigma, other_mean, other_log_sigma = torch.randn(4, 3, 5, dtype=torch.float64)
    expected = kl_divergence(Normal(mean, log_sigma.exp()), Normal(other_mean, other_log_sigma.exp()))
    torch.testing.assert_close(kl_of_normals(mean, log_sigma, other_mean, other_log_sigma), expected)
    assert not kl_of_normals(mean, log_sigma, mean, log_sigma).any()
