"""Facts of Kingma and Welling (2014), Burda et al. (2016), and of the conditional VAE."""

import pytest
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.data.interface import mean_item
from gen_models.errors import UsageError
from gen_models.families.vae import VAE
from gen_models.losses.divergence import kl_to_standard_normal
from gen_models.losses.reconstruction import Bernoulli, Gaussian
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data, build_model
from tests.families.linear import Affine, Identity

SIGMA = 0.5


@pytest.fixture
def digits(compose_job):
    cfg = compose_job("model=vae", "network=mlp")
    x, y = build_data(cfg).test.gather(range(200))
    return cfg, Batch(to_unit_range(x), y, torch.arange(200))


@pytest.fixture
def linear():
    """x = W z + b + σ ε with the true posterior as encoder, and the true density of x."""
    torch.manual_seed(0)
    model = VAE(encoder=Identity(), decoder=Affine(1, 3), loss=Gaussian(SIGMA), latent_dim=1, optimizers={})
    w, b = model.decoder.weight.detach(), model.decoder.bias.detach()
    variance = 1 / (1 + w.square().sum() / SIGMA**2)
    mean = variance * w.T / SIGMA**2
    model.to_posterior.weight.data = torch.cat([mean, torch.zeros(1, 3)])
    model.to_posterior.bias.data = torch.cat([-mean @ b, variance.log()[None]])
    density = MultivariateNormal(b, w @ w.T + SIGMA**2 * torch.eye(3))
    return model, density, density.sample((64,))


def test_with_the_true_posterior_the_bound_is_the_likelihood_whatever_is_drawn(linear):
    model, density, x = linear
    for draws in (1, 3):
        torch.testing.assert_close(model.log_bound(x, draws=draws), density.log_prob(x), atol=1e-4, rtol=0)


def test_with_another_one_the_elbo_is_short_by_its_divergence_and_more_draws_close_the_gap(linear):
    model, density, x = linear
    true = Normal(*gaussian(model, x))
    model.to_posterior.bias.data += torch.tensor([0.5, 0.7])
    gap = kl_divergence(Normal(*gaussian(model, x)), true).mean().item()
    exact = density.log_prob(x).mean().item()
    copies = x.repeat(500, 1)
    elbo, of_five = (model.log_bound(copies, draws=draws).mean().item() for draws in (1, 5))
    assert elbo == pytest.approx(exact - gap, abs=0.02)
    assert elbo + 0.5 * gap < of_five < exact + 0.01
    assert model.log_bound(x, draws=3000).mean().item() == pytest.approx(exact, abs=0.02)
    with pytest.raises(UsageError, match="at least one draw"):
        model.log_bound(x, draws=0)


def gaussian(model, x):
    mean, log_variance = model.posterior(x)
    return mean.detach(), (0.5 * log_variance).exp().detach()


def test_the_objective_is_the_negative_bound_summed_over_dimensions(digits):
    cfg, batch = digits
    cfg.model.beta = 0.5
    model = build_model(cfg)
    torch.manual_seed(0)
    losses = model.losses(batch)
    torch.manual_seed(0)
    mean, log_variance = model.posterior(batch.x)
    z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
    rate = kl_to_standard_normal(mean, log_variance).mean().item()
    assert losses["distortion"].item() == pytest.approx(Bernoulli()(model.decoder(z), batch.x).mean().item())
    assert losses["weighted_rate"].item() == pytest.approx(0.5 * rate, rel=1e-5)


def test_the_rate_gains_weight_over_the_images_seen_and_is_free_up_to_the_free_bits(digits):
    cfg, batch = digits
    cfg.model.beta, cfg.model.warm_up, cfg.model.free_bits = 4.0, 1000, 2.0
    model = build_model(cfg)
    weights = []
    for images in (0, 250, 1000, 9000):
        model.clock.images = images
        weights.append(model.losses(batch)["weighted_rate"].item())
    floor = 2.0 * model.latent_dim  # an untrained posterior carries less
    assert weights == pytest.approx([0, 1 * floor, 4 * floor, 4 * floor])


@pytest.mark.slow
def test_it_learns(digits, run_job):
    cfg, batch = digits
    bounds = []
    for model in (build_model(cfg), trained := load(run_job("model=vae", "network=mlp", "turns=300"))):
        torch.manual_seed(0)
        bounds.append(sum(model.losses(batch).values()).item())
    assert bounds[0] > 44  # 64 ln 2 nats say nothing of a picture
    assert bounds[1] < 36
    error = (trained.reconstruct(batch.x) - batch.x).square().mean()
    assert error < 0.7 * (batch.x - batch.x.mean(0)).square().mean()


@pytest.mark.slow
def test_a_conditional_one_draws_the_class_it_is_asked_for(digits, run_job):
    _, (x, y, *_) = digits
    model = load(run_job("model=cvae", "network=mlp", "turns=300"))
    means = torch.stack([x[y == k].mean(0) for k in range(10)]).flatten(1)
    torch.manual_seed(0)
    asked = torch.arange(200) % 10
    nearest = torch.cdist(model.sample(200, asked).flatten(1), means).argmin(1)
    assert (nearest == asked).float().mean() > 0.8
    own, other = (model.log_bound(x, classes, draws=5).mean() for classes in (y, (y + 1) % 10))
    assert own > other + 2


def test_a_decoder_of_tanh_begins_at_the_mean_of_the_data_and_the_posterior_as_its_encoder(compose_job):
    cfg = compose_job("model=vae", "network=tanh")
    source = build_data(cfg)
    model = build_model(cfg)
    model.prepare(source)
    probabilities = model.decoder(torch.zeros(1, model.latent_dim)).sigmoid()[0]
    torch.testing.assert_close(2 * probabilities - 1, mean_item(source.train).float(), atol=3e-3, rtol=0)
    assert not model.to_posterior.bias.any()
    before = model.decoder.output.bias.clone()
    model.clock.turn = 1
    model.decoder.output.bias.data += 1
    model.prepare(source)
    assert torch.equal(model.decoder.output.bias, before + 1), "once in a run"


def test_a_conditional_one_wants_classes(compose_job):
    cfg = compose_job("model=cvae", "network=mlp")
    build_data(cfg)
    cfg.spec.num_classes = 0
    with pytest.raises(UsageError, match="the data has none"):
        build_model(cfg)
