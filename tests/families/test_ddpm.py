"""Facts of Ho et al. (2020), Song et al. (2021) and Nichol and Dhariwal (2021)."""

import math

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.diffusion.betas import CosineBetas, LinearBetas
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.prediction import data_of, target
from gen_models.diffusion.reverse import Reverse, bound_term, reverse
from gen_models.diffusion.samplers import DDIM, Ancestral
from gen_models.errors import UsageError
from gen_models.families.ddpm import DDPM
from gen_models.families.parts.trajectory import last
from tests.diffusion.stand_in import Formula

STD = 0.3


def ddpm(network, shape=(3,), outputs=1, **options):
    options = {"levels": None, "sampler": DDIM(), "steps": 50, "guidance": Guidance(), **options}
    betas = options.pop("betas", LinearBetas())
    return DDPM(Formula(network, outputs=outputs), shape, betas=betas, optimizers={}, **options)


def gaussian(alpha_bars):
    """The best prediction of the noise for data N(0, STD²)."""

    def predict(x, level, y):
        t = (level.double() * (len(alpha_bars) - 1)).round().long() + 1
        share = alpha_bars[t]
        return ((1 - share).sqrt() / (share * STD**2 + 1 - share)).float() * x

    return predict


BEST = gaussian(LinearBetas().alpha_bars(1000))


@pytest.mark.parametrize("predicts", ["noise", "data", "v"])
def test_each_prediction_stands_for_the_data(predicts):
    x, noise = torch.randn(2, 9, dtype=torch.float64)
    a, b = torch.tensor(0.6).double(), torch.tensor(0.8).double()
    found = data_of(predicts, target(predicts, x, noise, a, b), a * x + b * noise, a, b)
    assert torch.allclose(found, x, atol=1e-7)


def test_the_bound_of_the_true_posterior_has_no_terms_but_the_first():
    model = ddpm(BEST)
    x = torch.rand(4, 3, dtype=torch.float64) - 0.5
    for t in (2, 400, 1000):
        step = model.chain.at(t).beside(x)
        state = step.signal * x + step.noise * torch.randn_like(x)
        truth = Reverse(state, x, step.log_least)
        assert bound_term(x, state, truth, step, None).abs().max() < 1e-6


def test_the_bound_is_close_to_the_likelihood_of_gaussian_data_and_below_it():
    """With the best network and all terms: what is lost at the first steps, whose variances are too small."""
    torch.manual_seed(0)
    model = ddpm(BEST, terms=999)
    x = (STD * torch.randn(200, 3)).clamp(-0.95, 0.95)
    exact = torch.distributions.Normal(0, STD).log_prob(x).sum(1).mean()
    bound = model.log_bound(x).mean()
    assert bound < exact
    assert bound.item() == pytest.approx(exact.item(), abs=3 * 0.3)


def test_terms_that_are_drawn_estimate_all_of_them():
    torch.manual_seed(0)
    x = STD * torch.randn(200, 3).clamp(-3, 3)
    whole, drawn = (ddpm(BEST, terms=terms).log_bound(x) for terms in (999, 40))
    error = math.sqrt((whole.var() + drawn.var()) / 200)
    assert drawn.mean().item() == pytest.approx(whole.mean().item(), abs=4 * error)
    assert ddpm(BEST, terms=40).likelihood_rule == "bound, 41 of 1000 terms"


@pytest.mark.parametrize("sampler", [DDIM(), DDIM(1.0), Ancestral()], ids=["ddim", "eta", "ancestral"])
def test_samples_have_the_spread_of_the_data(sampler):
    torch.manual_seed(0)
    samples = ddpm(BEST, sampler=sampler, steps=250, variance="fixed_small").sample(2000)
    assert samples.std().item() == pytest.approx(STD, rel=0.05)


def test_ddim_leads_back_to_what_it_came_from():
    model = ddpm(BEST, steps=250).requires_grad_(False)
    x = 0.3 * torch.randn(5, 3).clamp(-2, 2)
    assert torch.allclose(model.reconstruct(x), x, rtol=0.05)
    assert torch.equal(model.decode(model.encode(x)), model.reconstruct(x))


def test_a_learned_variance_lies_between_its_bounds_and_doubles_the_output():
    step = ddpm(BEST).chain.at(300).beside(torch.zeros(1, 2))
    for share, expected in ((-1.0, step.log_least), (1.0, step.beta.log())):
        output = torch.cat([torch.zeros(1, 2), torch.full((1, 2), share)], 1)
        assert torch.allclose(reverse(output, torch.zeros(1, 2), step, "noise", "learned").log_variance, expected)
    with pytest.raises(UsageError, match=r"set network\.denoiser\.outputs=2"):
        ddpm(BEST, variance="learned")


def test_the_bound_trains_the_variance_and_not_the_mean():
    weight = torch.nn.Parameter(torch.zeros(2))
    network = lambda x, level, y: torch.cat([weight[0] * x, weight[1] * x], 1)  # noqa: E731
    model = ddpm(network, outputs=2, variance="learned", betas=CosineBetas(), levels=17)
    losses = model.losses(Batch(torch.rand(8, 3) * 2 - 1, torch.zeros(8), torch.zeros(8)))
    (gradient,) = torch.autograd.grad(losses["bound"], weight)
    assert gradient[0] == 0
    assert gradient[1] != 0


def test_the_bound_is_trained_on_predictions_as_far_beyond_the_data_as_they_are():
    """For data 0 a term is quadratic in the prediction p, by c + k p²: a clamped one would be the same from 1 on."""
    bounds = []
    for predicted in (0.0, 2.0, 3.0):
        network = lambda x, level, y, p=predicted: torch.cat([torch.full_like(x, p), 0 * x], 1)  # noqa: E731
        model = ddpm(network, outputs=2, variance="learned", predicts="data")
        torch.manual_seed(0)
        bounds.append(model.losses(Batch(torch.zeros(64, 3), torch.zeros(64), torch.zeros(64)))["bound"])
    none, two, three = bounds
    assert ((three - none) / (two - none)).item() == pytest.approx(9 / 4, rel=1e-3)


def test_the_way_names_sampler_steps_and_noise():
    model = ddpm(BEST)
    assert model.way == {"steps": 50, "sampler": "ddim", "eta": 0.0}
    model.set_way(steps=7, sampler="ancestral", eta=0.0)
    assert model.trajectory(2).shape == (8, 2, 3)
    with pytest.raises(UsageError, match=r"there is no sampler 'dmp\+\+': did you mean dpm\+\+\?"):
        model.set_way(steps=7, sampler="dmp++", eta=0.0)


def test_a_sampler_has_its_own_share_of_noise_unless_another_is_said():
    model = ddpm(BEST, sampler=Ancestral())
    model.set_way(**model.way | {"sampler": "ddim"})
    assert model.way == {"steps": 50, "sampler": "ddim", "eta": 0.0}
    model.set_way(**model.way | {"eta": 0.5})
    assert model.sampler.eta == 0.5
    with pytest.raises(UsageError, match=r"eta=0\.2 is for sampler=ddim, and ancestral has always 1\.0: leave it out"):
        model.set_way(**model.way | {"sampler": "ancestral", "eta": 0.2})


def test_dpm_solver_is_nearer_to_the_data_than_ddim_in_as_many_evaluations():
    """Of the best network of Gaussian data, a sample is a multiple of its noise: by STD, were it exact."""
    factors = {}
    for sampler in (DDIM(), DPMSolver()):
        model = ddpm(BEST, sampler=sampler, steps=30).requires_grad_(False)
        model.denoiser.calls, z = 0, torch.full((2, 3), 0.5)
        factors[sampler.name] = model.decode(z)[0, 0].item() / 0.5
        assert model.denoiser.calls == model.evaluations == 30
        assert torch.equal(model.to_samples(*last(model.states(z, None)), None), model.decode(z))
    assert abs(factors["dpm++"] - STD) < 0.6 * abs(factors["ddim"] - STD)


# What openai/guided-diffusion computes for this network, these pictures and this noise.
PICTURES = (((torch.tensor([[-1.0, -0.5, 0.25], [1.0, 0.5, -0.125]]) + 1) * 127.5).round() / 127.5 - 1).view(2, 3, 1, 1)
NOISE = torch.tensor([[0.3, -1.2, 0.7], [2.0, 0.1, -0.4]]).view(2, 3, 1, 1)


def waves(x, level, y):
    return torch.sin(x + level)


def waves_and_variances(x, level, y):
    return torch.cat([torch.sin(x + level), torch.cos(2 * x)], 1)


@pytest.mark.parametrize(
    ("variance", "betas", "t", "bits"),
    [
        ("learned", LinearBetas(), 1, [2.112911, 1.343372]),
        ("learned", LinearBetas(), 2, [0.496061, 0.130828]),
        ("learned", LinearBetas(), 501, [2.170850e-4, 6.742924e-4]),
        ("learned", CosineBetas(), 1, [1.539558, 0.888892]),
        ("learned", CosineBetas(), 501, [5.664070e-4, 1.148639e-3]),
        ("fixed_large", LinearBetas(), 2, [0.436661, 0.203879]),
        ("fixed_small", LinearBetas(), 1, [2.048953, 1.128377]),
        ("fixed_small", LinearBetas(), 2, [0.575138, 0.063233]),
    ],
)
def test_terms_of_the_bound_are_the_authors(variance, betas, t, bits):
    """source: openai/guided-diffusion guided_diffusion/gaussian_diffusion.py, _vb_terms_bpd, whose erf is a tanh."""
    network, outputs = (waves_and_variances, 2) if variance == "learned" else (waves, 1)
    model = ddpm(network, (3, 1, 1), outputs, variance=variance, betas=betas, levels=256)
    step = model.chain.at(t).beside(PICTURES.double())
    state = step.signal * PICTURES + step.noise * NOISE
    found = bound_term(PICTURES.double(), state, model.reverse(model.denoiser, state, step, None), step, 256)
    assert (found / (3 * math.log(2))).tolist() == pytest.approx(bits, rel=2e-3, abs=1e-7)


@pytest.mark.parametrize(
    ("sampler", "expected"),
    [
        (DDIM(), [-0.34814, -1.0, -0.173644, 1.0, -0.432952, -0.677745]),
        (Ancestral(), [0.031281, -1.0, -0.936939, -0.871078, -0.392921, 0.608702]),
    ],
    ids=["ddim", "ancestral"],
)
def test_samples_in_ten_steps_are_the_authors(sampler, expected):
    """source: openai/guided-diffusion guided_diffusion/respace.py, of the steps 0, 111, …, 999."""
    model = ddpm(waves, (3, 1, 1), sampler=sampler, steps=10)
    torch.manual_seed(0)
    _, state = last(model.states(NOISE, None))
    assert state.flatten().tolist() == pytest.approx(expected, abs=2e-4)
