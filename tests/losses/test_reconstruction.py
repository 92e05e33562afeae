import math

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import distributions

from gen_models.losses.reconstruction import (
    AbsoluteError,
    Bernoulli,
    DiscretisedLogistic,
    Gaussian,
    Huber,
    Likelihood,
    SquaredError,
)
from gen_models.media.pixels import from_levels
from gen_models.run.build import build_data, build_model
from tests.conftest import CONF

FILES = {path.stem: OmegaConf.load(path) for path in CONF.glob("loss/*.yaml")}
LOSSES = {name: file for name, file in FILES.items() if ".reconstruction." in file["_target_"]}
LIKELIHOODS = sorted({name for name, file in LOSSES.items() if isinstance(instantiate(file), Likelihood)})


@pytest.mark.parametrize("name", LOSSES)
def test_every_file_prefers_what_is_closer_and_sums_over_dimensions(name):
    loss = instantiate(LOSSES[name])
    x = torch.ones(3, 2, 4, 4)
    near, far = loss(0.9 * x, x), loss(-0.9 * x, x)
    assert near.shape == (3,)
    assert (near < far).all()
    half = loss(-x[:, :1], x[:, :1]) - loss(x[:, :1], x[:, :1])
    torch.testing.assert_close(half, (loss(-x, x) - loss(x, x)) / 2, rtol=0.01, atol=0)
    assert loss.image(3 * x).abs().max() <= 1


def test_distances():
    raw, x = torch.tensor([[0.5, -1.0]]), torch.tensor([[0.4, 1.0]])
    assert SquaredError()(raw, x).item() == pytest.approx(0.5 * (0.1**2 + 2**2))
    assert AbsoluteError()(raw, x).item() == pytest.approx(0.1 + 2)
    assert Huber(0.2)(raw, x).item() == pytest.approx(0.5 * 0.1**2 + 0.2 * (2 - 0.1))


def test_densities_and_probabilities_are_those_of_the_distributions():
    raw, x = torch.randn(4, 1, 8, 8), torch.randint(0, 2, (4, 1, 8, 8)) * 2.0 - 1
    nats = -distributions.Bernoulli(logits=raw).log_prob((x + 1) / 2).flatten(1).sum(1)
    torch.testing.assert_close(Bernoulli()(raw, x), nats)
    density = -distributions.Normal(raw, 0.3).log_prob(x).flatten(1).sum(1)
    torch.testing.assert_close(Gaussian(0.3)(raw, x), density)


@pytest.mark.parametrize("levels", [2, 17, 256])
@pytest.mark.parametrize("scale", [1e-4, 0.05, 1.0, 1e3])
def test_the_bins_of_a_logistic_hold_all_of_its_mass(scale, levels):
    loss, raw = DiscretisedLogistic(scale, levels), torch.tensor([-30.0, -1, 0.123, 1, 30]).requires_grad_()
    levels_by_mean = from_levels(torch.arange(levels), levels).repeat(5, 1)
    nats = loss(raw[:, None, None].expand(5, levels, 1).reshape(-1, 1), levels_by_mean.reshape(-1, 1))
    torch.testing.assert_close(nats.view(5, levels).neg().exp().sum(1), torch.ones(5), rtol=1e-3, atol=0)
    gradients = torch.autograd.grad(nats.sum(), [raw, loss.log_scale])
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


def test_a_bin_of_a_logistic_is_the_difference_of_its_ends():
    loss, x, raw = DiscretisedLogistic(0.2, 17), torch.full((1, 1), 0.25), torch.full((1, 1), 0.1)
    ends = [1 / (1 + math.exp(-(0.25 + side / 16 - 0.1) / 0.2)) for side in (1, -1)]
    assert loss(raw, x).item() == pytest.approx(-math.log(ends[0] - ends[1]), rel=1e-5)
    below = 1 / (1 + math.exp(-(-1 + 1 / 16 + 0.9) / 0.2))  # and all of it counts as black
    assert loss(torch.full((1, 1), -0.9), -torch.ones(1, 1)).item() == pytest.approx(-math.log(below), rel=1e-5)


@pytest.mark.parametrize("sigma", [0.05, 0.5])
def test_the_density_of_spread_pixels_bounds_the_probability_of_their_bins(sigma):
    levels = 17
    k = torch.arange(levels)
    x, raw, repeated = from_levels(k, levels)[:, None], torch.full((levels, 1), 0.1), 2000
    torch.manual_seed(0)
    bound = -Gaussian(sigma, levels=levels)(raw.repeat(repeated, 1), x.repeat(repeated, 1)).view(repeated, -1).mean(0)
    cdf = distributions.Normal(raw[0].double(), sigma).cdf
    mass = (cdf(2 * (k + 1.0) / levels - 1) - cdf(2.0 * k / levels - 1)).log()
    near = mass > -8
    assert (bound < mass + 0.05)[near].all()
    if sigma == 0.5:  # and closely, where the density hardly varies within a bin
        torch.testing.assert_close(bound.double(), mass, rtol=0, atol=0.03)


def test_the_middle_of_a_bin_stands_for_its_level():
    k = torch.arange(5)
    torch.testing.assert_close(Gaussian(levels=5).image(2 * (k + 0.5) / 5 - 1), from_levels(k, 5))


def test_a_learned_deviation_rests_at_the_root_of_the_mean_squared_error():
    raw, x = torch.randn(2, 6, 50, generator=torch.Generator().manual_seed(0))
    best = (raw - x).square().mean().sqrt().item()
    for factor, sign in ((0.9, -1), (1, 0), (1.1, 1)):
        loss = Gaussian(factor * best, learned=True)
        loss(raw, x).mean().backward()
        slope = loss.log_sigma.grad.item() / 50
        assert sign * slope > 0.1 if sign else abs(slope) < 1e-5
    assert not any(p.requires_grad for p in Gaussian(0.3).parameters())


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_a_likelihood_knows_the_levels_of_the_data_and_learns_with_the_decoder(name, compose_job):
    cfg = compose_job("model=vae", "network=mlp", f"loss={name}", "data.binary=true")
    build_data(cfg)
    model = build_model(cfg)
    assert model.levels == 2
    (player,) = model.players()
    assert {id(p) for p in model.loss.parameters()} <= {id(p) for net in player.networks for p in net.parameters()}


def test_points_have_no_levels():
    with pytest.raises(ValueError, match="use loss=gaussian"):
        DiscretisedLogistic(0.1, None)
