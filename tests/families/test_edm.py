"""Facts of Karras et al. (2022)."""

import math

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.data.interface import batches
from gen_models.diffusion.churn import Churn
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.preconditioning import preconditioning
from gen_models.diffusion.solvers import RK4, Heun
from gen_models.errors import UsageError
from gen_models.families.edm import EDM
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data, build_model
from tests.diffusion.stand_in import Formula

POINTS = torch.tensor([[-0.7, 0.4], [0.8, 0.5], [0.1, -0.9]])


def edm(network, shape=(2,), **options):
    options = {"levels": None, "solver": Heun(), "guidance": Guidance(), "sigma_data": 0.5, **options}
    options.setdefault("likelihood", ChangeOfVariables(Heun(), 50))
    return EDM(Formula(network), shape, optimizers={}, **options)


def silent(x, noise, y):
    return 0 * x


def nearest_point(x, noise, y):
    """The network that makes D the posterior mean of the three points: F = (D - c_skip x) / c_out."""
    sigma = (4 * noise.double()).exp().flatten()
    c = preconditioning(sigma, torch.tensor(0.5))
    noisy = x.double() / c.into[:, None]
    best = (-torch.cdist(noisy, POINTS.double()).square() / (2 * sigma[:, None] ** 2)).softmax(1) @ POINTS.double()
    return ((best - c.skip[:, None] * noisy) / c.out[:, None]).float()


@pytest.mark.parametrize("sigma", [0.002, 0.5, 80.0])
def test_the_loss_of_gaussian_data_is_one_at_every_level_for_a_silent_network(sigma):
    """It is the best network there, and every network begins so: a first loss of 1 says that σ_data was measured."""
    torch.manual_seed(0)
    model = edm(silent, p_mean=math.log(sigma), p_std=0.0)
    x = 0.5 * torch.randn(40_000, 2)
    assert model.losses(Batch(x, torch.zeros(1), torch.zeros(1)))["denoising_error"].item() == pytest.approx(
        1, abs=0.02
    )


@pytest.mark.parametrize(("solver", "evaluations"), [(Heun(), 35), (DPMSolver(), 18)], ids=["heun", "dpm++"])
def test_three_points_are_drawn_exactly_by_18_levels(solver, evaluations):
    model = edm(nearest_point, solver=solver)
    torch.manual_seed(0)
    samples = model.sample(3000)
    distances, which = torch.cdist(samples, POINTS).min(1)
    assert (distances < 1e-6).float().mean() > 0.995
    assert torch.bincount(which).div(3000).tolist() == pytest.approx([1 / 3] * 3, abs=0.03)
    assert model.denoiser.calls == model.evaluations == evaluations


def test_churn_adds_noise_and_keeps_the_distribution():
    model = edm(nearest_point, churn=Churn(40, 0.05, 50, 1.003))
    z = torch.randn(200, 2)
    a, b = (model.to_samples(*list(model.states(z, None))[-1], None) for _ in range(2))
    assert torch.cdist(a, POINTS).min(1).values.max() < 1e-6
    assert not torch.equal(a, b)
    model.set_way(**{**model.way, "churn": 0.0})
    assert torch.equal(*(model.to_samples(*list(model.states(z, None))[-1], None) for _ in range(2)))


def test_what_dpm_solver_decodes_is_what_it_draws():
    model, z = edm(nearest_point, solver=DPMSolver()), torch.randn(5, 2)
    assert torch.equal(model.decode(z), model.to_samples(*list(model.states(z, None))[-1], None))


def test_no_noise_comes_between_steps_of_which_one_is_remembered():
    with pytest.raises(UsageError, match=r"churn=40 puts noise between steps, of which dpm\+\+ remembers the last"):
        edm(nearest_point, solver=DPMSolver(), churn=Churn(40))
    model = edm(nearest_point, churn=Churn(40))
    with pytest.raises(UsageError, match="or take solver=heun"):
        model.set_way(**model.way | {"solver": "dpm++"})
    model.set_way(**model.way | {"solver": "dpm++", "churn": 0.0})


def test_films_show_the_denoised_states():
    film = edm(nearest_point).trajectory(5)
    assert film.shape == (18, 5, 2)
    assert torch.allclose(film[0], POINTS.mean(0).expand(5, 2), atol=0.02)


def test_codes_are_the_noise_and_lead_back():
    """With Gaussian data and a silent network the flow is a factor, and the density that of the data."""
    model = edm(silent, shape=(3,), steps=100, likelihood=ChangeOfVariables(RK4(), 25))
    x = 0.3 * torch.randn(50, 3)
    z = model.encode(x)
    factor = math.hypot(80, 0.5) / math.hypot(0.002, 0.5) / 80
    assert torch.allclose(z, factor * x, rtol=1e-2)
    assert torch.allclose(model.reconstruct(x), x, atol=1e-4)
    exact = torch.distributions.Normal(0, 0.5).log_prob(x).sum(1)
    assert torch.allclose(model.log_prob(x), exact, atol=0.005)


def test_kept_rows_stay_and_the_way_is_checked():
    model = edm(silent, shape=(1, 4, 4), levels=17)
    x = torch.ones(2, 1, 4, 4)
    done = model.complete(x, 2)
    assert torch.equal(done[:, :, :2], x[:, :, :2])
    assert not torch.equal(done[0], done[1])
    assert model.way == {"steps": 18, "solver": "heun", "churn": 0.0}
    model.set_way(steps=3, solver="euler", churn=0.0)
    assert model.evaluations == 3
    with pytest.raises(UsageError, match="at least 1 step"):
        model.set_way(steps=0, solver="euler", churn=0.0)


def waves(x, noise, y):
    return torch.sin(x) + noise / 10


@pytest.mark.parametrize(
    ("churn", "expected"),
    [
        (Churn(0.0), [[0.6480811, -1.3243039, 1.0741429], [1.4683731, 0.2418556, -0.8157748]]),
        (Churn(10, 0.05, 50, 1.003), [[0.8260529, -1.2358325, -0.9801393], [-0.0716780, 0.7806002, 1.1477172]]),
    ],
    ids=["algorithm 1", "algorithm 2"],
)
def test_samples_are_the_authors(churn, expected):
    """source: NVlabs/edm generate.py, edm_sampler, with this network; no noise drawn where none is added."""
    model = edm(waves, (3,), churn=churn)
    z = torch.tensor([[0.3, -1.2, 0.7], [2.0, 0.1, -0.4]], dtype=torch.float64)
    torch.manual_seed(0)
    *_, (sigma, x) = model.states(z, None)
    x = model.denoised(model.guided, x, x.new_full((2,), sigma), None)
    assert torch.allclose(x, torch.tensor(expected, dtype=torch.float64), atol=1e-4)


def test_the_data_are_measured_unless_they_are_stated(compose_job):
    for options, expected in ([], None), (["model.sigma_data=0.5"], 0.5):
        cfg = compose_job("model=edm", *options)
        source = build_data(cfg)
        model = build_model(cfg)
        model.get_ready(source)
        x = to_unit_range(source.train.gather(range(len(source.train)))[0])
        assert model.sigma_data.item() == pytest.approx(expected or x.square().mean().sqrt().item(), rel=1e-5)
        assert "sigma_data" in model.state_dict()


def correlated(x, noise, y):
    """The network for two rows N(0, ¼) with a correlation of 0.9: D = Σ (Σ + σ²)⁻¹ x."""
    sigma = (4 * noise.double().flatten()[0]).exp()
    c = preconditioning(sigma[None], torch.tensor(0.5))
    covariance = 0.25 * torch.tensor([[1.0, 0.9], [0.9, 1.0]], dtype=torch.float64)
    factor = covariance @ torch.linalg.inv(covariance + sigma**2 * torch.eye(2))
    noisy = x.double().flatten(1) / c.into
    return (((noisy @ factor.T - c.skip * noisy) / c.out).float()).view_as(x)


def test_what_is_completed_agrees_with_what_is_kept():
    """The mean is 0.45; without repetitions 0.18 came out, with four of them 0.36."""
    model = edm(correlated, (1, 2, 1))
    torch.manual_seed(0)
    rows = model.complete(torch.full((2000, 1, 2, 1), 0.5), 1).flatten(1)
    assert (rows[:, 0] == 0.5).all()
    assert rows[:, 1].mean().item() == pytest.approx(0.9 * 0.5, abs=0.06)
    assert rows[:, 1].std().item() == pytest.approx(0.5 * math.sqrt(1 - 0.9**2), abs=0.06)


def test_the_network_is_told_how_training_pictures_were_changed_and_draws_unchanged_ones(compose_job):
    options = ["model=edm", "network=unet", "augment=told", "augment.p=0.9", "model.steps=2"]
    small = ["network.denoiser.width=16", "network.denoiser.multipliers=[1]", "network.denoiser.blocks=1"]
    cfg = compose_job(*options, *small)
    source = build_data(cfg)
    with pytest.raises(UsageError, match="tells 9 labels, and the network takes 0: choose network=unet"):
        build_model(cfg)
    cfg.network.denoiser.labels = 9
    model, told = build_model(cfg), []
    model.denoiser.register_forward_pre_hook(lambda net, given, named: told.append(named), with_kwargs=True)
    model.losses(Batch(*next(batches(source.train, torch.arange(4), 4)), torch.arange(4)))
    model.sample(2)
    assert told[0]["labels"].shape == (4, 9)
    assert told[0]["labels"].abs().sum() > 1
    assert all("labels" not in named for named in told[1:])
