"""Facts of Karras et al. (2022)."""

import math

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.diffusion.churn import Churn
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.preconditioning import preconditioning
from gen_models.diffusion.solvers import RK4, Heun
from gen_models.errors import UsageError
from gen_models.families.edm import EDM
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


def test_three_points_are_drawn_exactly_by_18_levels_in_35_evaluations():
    model = edm(nearest_point)
    torch.manual_seed(0)
    samples = model.sample(3000)
    distances, which = torch.cdist(samples, POINTS).min(1)
    assert (distances < 1e-6).float().mean() > 0.995
    assert torch.bincount(which).div(3000).tolist() == pytest.approx([1 / 3] * 3, abs=0.03)
    assert model.denoiser.calls == model.evaluations == 35


def test_churn_adds_noise_and_keeps_the_distribution():
    model = edm(nearest_point, churn=Churn(40, 0.05, 50, 1.003))
    z = torch.randn(200, 2)
    a, b = (model.finished(*list(model.states(z, None))[-1], None) for _ in range(2))
    assert torch.cdist(a, POINTS).min(1).values.max() < 1e-6
    assert not torch.equal(a, b)
    model.set_way(**{**model.way, "churn": 0.0})
    assert torch.equal(*(model.finished(*list(model.states(z, None))[-1], None) for _ in range(2)))


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
