"""Facts of Kingma and Welling (2014)."""

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from gen_models.core.batch import Batch
from gen_models.core.build import build_data, build_model
from gen_models.losses.divergence import kl_to_standard_normal
from gen_models.losses.reconstruction import Bernoulli as BernoulliLoss
from gen_models.losses.reconstruction import Gaussian, SquaredError
from gen_models.pixels import to_unit_range


@pytest.fixture
def digits(compose_job):
    cfg = compose_job("model=vae", "network=mlp")
    data = build_data(cfg)
    x, y = data.test.__getitems__(range(200))
    return cfg, Batch(to_unit_range(x), y, torch.arange(200))


def test_the_kl_is_that_of_two_gaussians():
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0, 1)).sum(1)
    assert torch.allclose(kl_to_standard_normal(mean, log_variance), expected, atol=1e-5)
    assert torch.equal(kl_to_standard_normal(torch.zeros(2, 3), torch.zeros(2, 3)), torch.zeros(2))


def test_distortions_are_negative_log_likelihoods_in_nats():
    raw, x = torch.randn(4, 1, 8, 8), torch.randint(0, 2, (4, 1, 8, 8)) * 2.0 - 1
    bits = -Bernoulli(logits=raw).log_prob((x + 1) / 2).flatten(1).sum(1)
    assert torch.allclose(BernoulliLoss()(raw, x), bits, atol=1e-4)
    density = -Normal(raw, 0.3).log_prob(x).flatten(1).sum(1)
    assert torch.allclose(Gaussian(0.3)(raw, x), density, rtol=1e-4)
    assert torch.allclose(SquaredError()(raw, x), 0.5 * (raw - x).square().flatten(1).sum(1))


def test_the_objective_is_the_negative_bound_summed_over_dimensions(digits):
    cfg, batch = digits
    cfg.model.beta = 0.5
    model = build_model(cfg)
    torch.manual_seed(0)
    losses = model.losses(batch)
    torch.manual_seed(0)
    mean, log_variance = model.posterior(batch.x)
    z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
    assert losses["distortion"].item() == pytest.approx(BernoulliLoss()(model.decoder(z), batch.x).mean().item())
    assert losses["rate"].item() == pytest.approx(0.5 * kl_to_standard_normal(mean, log_variance).mean().item())


def test_it_learns(digits, run_job):
    from gen_models import load

    cfg, batch = digits
    untrained, trained = build_model(cfg), load(run_job("model=vae", "network=mlp", "turns=300"))

    def bound(model):
        torch.manual_seed(0)
        return sum(model.losses(batch).values()).item()

    assert bound(untrained) > 44  # 64 ln 2 nats say nothing of a picture
    assert bound(trained) < 36
    error = (trained.reconstruct(batch.x) - batch.x).square().mean()
    assert error < 0.7 * (batch.x - batch.x.mean(0)).square().mean()
