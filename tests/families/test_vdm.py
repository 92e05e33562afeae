"""Facts of variational diffusion (Kingma et al. 2021), with numbers of google-research/vdm."""

import math

import pytest
import torch
from torch.distributions import Normal

from gen_models.core.abilities.codes import Decodes, Encodes
from gen_models.core.abilities.completion import Completes, Inpaints
from gen_models.core.abilities.likelihood import HasLikelihoodBound
from gen_models.core.batch import Batch
from gen_models.diffusion.gaussian import quantised
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.log_noise import LinearLogNoise, waves
from gen_models.errors import UsageError
from gen_models.families.vdm import VDM
from gen_models.media.pixels import from_levels
from gen_models.networks.denoisers.unet import UNet
from tests.diffusion.stand_in import Formula
from tests.networks.denoisers.test_authors import filled

STD = 0.3
PUBLISHED = {"width": 128, "multipliers": [1], "attention": [], "style": "vdm", "inputs": 5}


def vdm(network, shape=(3,), levels=None, **options):
    options = {"schedule": LinearLogNoise(levels, -13.3, 5.0), "steps": 250, "guidance": Guidance(), **options}
    denoiser = network if isinstance(network, torch.nn.Module) else Formula(network, inputs=5)
    return VDM(denoiser, shape, levels, optimizers={}, **options)


def best(x, told, y):
    """What is added to states of data N(0, STD²) so that they are the best prediction of their noise."""
    z, gamma = x[:, : x.shape[1] // 5], -13.3 + 18.3 * told
    share = gamma.sigmoid()
    return z * (share.sqrt() / ((1 - share) * STD**2 + share) - 1)


def in_their_order(x):
    """Sines of 0, 1, 2, … laid out as the authors lay pictures out, channels last."""
    b, c, h, w = x.shape
    return torch.sin(torch.arange(x.numel(), dtype=torch.float64)).view(b, h, w, c).permute(0, 3, 1, 2)


@pytest.fixture
def authors(monkeypatch):
    """The authors' network of one layer with weights by a formula, and noise by a formula."""
    network = filled(UNet((3, 8, 8), blocks=1, **PUBLISHED))
    monkeypatch.setattr(torch, "randn_like", in_their_order)
    return vdm(network, (3, 8, 8), 256, steps=4).double().requires_grad_(False)


def test_the_terms_of_the_bound_are_the_authors(authors):
    """source: google-research/vdm dc27b98 model_vdm.py, VDM of one layer, at times 0.3 and 0.8."""
    x = (2 * (torch.arange(384) * 37 % 256).view(2, 3, 8, 8) / 255 - 1).double() * authors.scale
    diffusion = authors._diffusion(authors.predicted, x, torch.tensor([0.3, 0.8], dtype=torch.float64), None)
    assert diffusion.tolist() == pytest.approx([6177.611161, 5099.146410], rel=1e-5)
    assert authors._prior(x).tolist() == pytest.approx([0.216511, 0.217714], rel=1e-4)
    assert authors._reconstruction(x).tolist() == pytest.approx([3.1976e-4, 3.1896e-4], rel=1e-3)


def test_a_step_of_sampling_is_the_authors(authors):
    """source: google-research/vdm dc27b98 model_vdm.py, VDM.sample, the third step of four."""
    z = in_their_order(torch.empty(2, 3, 8, 8))
    found = authors.float().advance(z, 0.5, 0.25, None).flatten()[::97]
    assert found.tolist() == pytest.approx([-0.250333, -0.617319, -0.31534, 0.186604], abs=1e-4)


def test_the_published_network_has_as_many_weights_as_the_authors():
    """source: google-research/vdm dc27b98 configs/cifar10.py: 30,578,181; 512 of them read a class that is always 0."""
    with torch.device("meta"):
        model = vdm(UNet((3, 32, 32), blocks=32, **PUBLISHED), (3, 32, 32), 256)
    assert sum(weight.numel() for weight in model.parameters()) == 30_578_181 - 512


def test_it_bounds_keeps_encodes_and_decodes():
    model = vdm(best)
    assert all(isinstance(model, ability) for ability in (HasLikelihoodBound, Completes, Inpaints, Encodes, Decodes))
    assert (model.likelihood_rule, model.evaluations, model.way["steps"]) == ("bound", 250, 250)


def test_the_bound_of_the_best_network_is_the_likelihood_of_gaussian_data():
    torch.manual_seed(0)
    model, x = vdm(best), (STD * torch.randn(4000, 3)).clamp(-0.99, 0.99)
    exact, bounds = Normal(0, STD).log_prob(x).sum(1), model.log_bound(x, draws=200)
    error = (bounds - exact).std().item() / 4000**0.5
    assert (exact - bounds).mean().item() == pytest.approx(0, abs=4 * error)
    assert error < 0.03


def test_the_terms_are_those_of_the_bound_and_teach_the_schedule_its_ends():
    torch.manual_seed(0)
    model, x = vdm(best, (3, 16, 16), 17), STD * torch.randn(64, 3, 16, 16)
    batch = Batch(from_levels(((x + 1) * 8).round().clamp(0, 16), 17), torch.zeros(64), torch.zeros(64))
    losses = model.losses(batch)
    assert list(losses) == ["diffusion", "prior", "reconstruction"]
    means = [sum(model.losses(batch).values()).item() for _ in range(20)]
    assert sum(means) / 20 == pytest.approx(-model.log_bound(batch.x, draws=20).mean().item() / 768, rel=0.02)
    sum(losses.values()).backward()
    assert all(weight.grad.abs() > 0 for weight in model.schedule.parameters())
    still = LinearLogNoise(17, learned=False)
    assert not any(weight.requires_grad for weight in still.parameters())


def test_the_least_noise_is_a_sixth_of_the_distance_of_levels_unless_it_is_said():
    """source: google-research/vdm configs/cifar10.py, gamma_min=-13.3 for 256 levels"""
    assert LinearLogNoise(256).first == pytest.approx(-13.3, abs=0.02)
    assert math.exp(0.5 * LinearLogNoise(2).first) == pytest.approx(2 / 2 / 6)
    schedule = LinearLogNoise(None, -9.0, 3.0)
    assert schedule(torch.tensor([0.0, 0.5, 1.0])).tolist() == [-9.0, -3.0, 3.0]
    assert schedule.rate.item() == 12.0


@pytest.mark.parametrize("levels", [2, 17])
def test_the_probabilities_of_all_levels_sum_to_one_and_are_bayes_rule(levels):
    z, gamma = 2 * torch.rand(5, 3) - 1, torch.tensor(-2.0)
    each = torch.stack([quantised(z, gamma, torch.full((5, 3), k), levels) for k in range(levels)])
    assert torch.allclose(each.exp().sum(0), torch.ones(5, 3))
    values = from_levels(torch.arange(levels), levels) * (levels - 1) / levels
    likelihood = Normal(values[:, None, None], math.exp(-1)).log_prob(z)
    assert torch.allclose(each, likelihood.log_softmax(0), atol=1e-5)


def test_waves_are_sines_and_cosines_of_octaves_beside_each_channel():
    x = torch.tensor([[0.1, -0.02]])
    found = waves(x, [0, 1])
    angles = 2 * math.pi * torch.tensor([0.1, 0.2, -0.02, -0.04])
    assert torch.allclose(found, torch.cat([x[0], angles.sin(), angles.cos()])[None], atol=1e-6)


def test_samples_have_the_spread_of_the_data_and_ddim_leads_back_to_what_it_came_from():
    torch.manual_seed(0)
    model = vdm(best).requires_grad_(False)
    assert model.sample(4000).std().item() == pytest.approx(STD, rel=0.03)
    x = 0.3 * torch.randn(5, 3).clamp(-2, 2)
    assert torch.allclose(model.reconstruct(x), x, rtol=0.05)
    assert torch.equal(model.decode(model.encode(x)), model.reconstruct(x))


def test_it_is_drawn_by_other_samplers_in_fewer_steps():
    model = vdm(best).requires_grad_(False)
    z = torch.full((2, 3), 0.5)
    factors = {}
    for sampler in ("ddim", "dpm++"):
        model.set_way(**model.way | {"sampler": sampler, "steps": 15})
        assert model.way["eta"] == 0.0
        factors[sampler] = model.decode(z)[0, 0].item() / 0.5
        assert torch.equal(model.to_samples(*list(model.states(z, None))[-1], None), model.decode(z))
    assert abs(factors["dpm++"] - STD) < 0.2 * abs(factors["ddim"] - STD)


def test_states_of_a_completion_have_the_noise_of_their_time():
    model = vdm(best, (1, 2, 2), 17)
    signal, noise = model.coefficients(1.0)
    assert noise**2 == pytest.approx(1 / (1 + math.exp(-5)), rel=1e-5)
    assert (signal * 17 / 16) ** 2 + noise**2 == pytest.approx(1, rel=1e-5)
    x = from_levels(torch.randint(17, (3, 1, 2, 2)), 17)
    model.set_way(**model.way | {"steps": 20})
    assert torch.equal(model.complete(x, 1)[:, :, :1], x[:, :, :1])


def test_what_cannot_be_is_refused():
    with pytest.raises(UsageError, match=r"gives its network 5 maps a channel.*set network\.denoiser\.inputs=5"):
        vdm(Formula(best))
    with pytest.raises(UsageError, match=r"gives its network 3 maps a channel"):
        vdm(best, octaves=[6])
