"""Base densities are densities, and are sampled from as such."""

import pytest
import torch
from torch import distributions

from gen_models.networks.flows.base import Logistic, Normal


@pytest.mark.parametrize("density", [Normal(), Logistic()])
def test_the_density_integrates_to_one_and_is_that_of_the_samples(density):
    torch.manual_seed(0)
    axis = torch.linspace(-30, 30, 6001)
    p = density.log_prob(axis[:, None]).exp() * 0.01
    assert p.sum().item() == pytest.approx(1, abs=1e-4)
    z = density.sample(40_000, 2, torch.device("cpu"))
    for power in (1, 2):
        assert z[:, 0].pow(power).mean().item() == pytest.approx((p * axis.pow(power)).sum().item(), abs=0.05)
    entropy = -2 * (p * density.log_prob(axis[:, None])).sum().item()
    assert -density.log_prob(z).mean().item() == pytest.approx(entropy, abs=0.03)


def test_the_logistic_is_the_known_one():
    uniform = distributions.Uniform(0.0, 1.0)
    logistic = distributions.TransformedDistribution(uniform, [distributions.SigmoidTransform().inv])
    z = torch.tensor([[-3.0, 0.5], [2.0, 9.0]])
    assert torch.allclose(Logistic().log_prob(z), logistic.log_prob(z).sum(1), atol=1e-3)
