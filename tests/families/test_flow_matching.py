"""Facts of Lipman et al. (2023), Liu et al. (2023) and Tong et al. (2024), for N(0, 1) to N(m, s²)."""

import math

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.diffusion.couplings import IndependentCoupling, OptimalTransport
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.grids import KarrasGrid, UniformGrid
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.interpolants import LinearPath, VariancePreservingPath
from gen_models.diffusion.solvers import RK4, Euler, Heun
from gen_models.diffusion.times import LogitNormalTimes, UniformTimes
from gen_models.families.flow_matching import FlowMatching
from tests.diffusion.stand_in import Formula

M, S = 0.1, 0.4


class At(UniformTimes):
    """Always the same time."""

    def __init__(self, t):
        self.t = t

    def draw(self, n, device):
        return torch.full((n,), self.t)


def independent(x, t, y):
    """The best velocity where noise and data are independent."""
    return M + (t * S**2 - (1 - t)) / (t**2 * S**2 + (1 - t) ** 2) * (x - t * M)


def transport(x, t, y):
    """The best velocity where they are paired by rank."""
    return M + (S - 1) * (x - t * M) / (1 - t + t * S)


def flow(network, shape=(1,), **options):
    options = {
        **{"levels": None, "path": LinearPath(), "drawn_times": UniformTimes(), "coupling": IndependentCoupling()},
        **{"grid": UniformGrid(), "solver": Heun(), "steps": 10, "guidance": Guidance()},
        **{"likelihood": ChangeOfVariables(Heun(), 50), **options},
    }
    return FlowMatching(Formula(network), shape, optimizers={}, **options)


def loss(model, n):
    x = M + S * torch.randn(n, 1)
    return model.losses(model.coupling(Batch(x, torch.zeros(n), torch.zeros(n))))["velocity_error"].item()


@pytest.mark.parametrize(("t", "least"), [(0.1, 0.19714), (0.5, 0.55172), (0.9, 1.14613)])
def test_the_least_loss_at_a_time_is_known(t, least):
    torch.manual_seed(0)
    assert loss(flow(independent, drawn_times=At(t)), 400_000) == pytest.approx(least, rel=0.01)
    assert S**2 / (t**2 * S**2 + (1 - t) ** 2) == pytest.approx(least, abs=1e-5)


def test_the_floor_of_the_loss_is_a_quarter_of_a_circle():
    torch.manual_seed(0)
    assert loss(flow(independent), 400_000) == pytest.approx(S * math.pi / 2, rel=0.01)


def test_optimal_transport_leaves_no_loss_and_one_step_of_euler_is_exact():
    torch.manual_seed(0)
    assert loss(flow(transport, coupling=OptimalTransport()), 400) < 0.02
    model = flow(transport, solver=Euler(), steps=1)
    z = torch.linspace(-1, 1, 9)[:, None]
    assert torch.allclose(model.decode(z), M + S * z, atol=1e-6)


def test_euler_on_independent_pairs_has_order_one():
    model = flow(independent, solver=Euler())
    z = torch.ones(1, 1)

    def gap(steps):
        model.steps = steps
        return abs(model.decode(z).item() - (M + S))

    assert gap(100) / gap(1000) == pytest.approx(10, rel=0.1)


def test_the_density_is_that_of_the_data():
    model = flow(independent, likelihood=ChangeOfVariables(RK4(), 25))
    x = torch.linspace(-0.9, 0.9, 7)[:, None]
    assert torch.allclose(model.log_prob(x), torch.distributions.Normal(M, S).log_prob(x)[:, 0], atol=1e-3)
    assert torch.allclose(model.reconstruct(x), x, atol=1e-2)
    assert model.likelihood_rule == "ode, rk4, 25 steps, 1 probe"


def test_pixels_are_dequantised_over_bins_around_their_levels():
    """A flow that stays where it is has the density of N(0, 1): E x² of a bin beside it is 1/12 of its width²."""
    model = flow(lambda x, t, y: 0 * x, shape=(1, 40, 40), levels=5)
    torch.manual_seed(0)
    x = torch.full((4, 1, 40, 40), 0.5)
    expected = 1600 * (-0.5 * (0.25 + 0.5**2 / 12) - 0.5 * math.log(2 * math.pi) + math.log(0.5))
    assert model.log_prob(x).mean().item() == pytest.approx(expected, rel=1e-2)
    assert set(model.sample(3).unique().tolist()) <= {-1.0, -0.5, 0.0, 0.5, 1.0}


@pytest.mark.parametrize("path", [LinearPath(), LinearPath(0.1), VariancePreservingPath()])
def test_the_velocity_is_the_derivative_of_the_path(path):
    x, noise, t = torch.randn(3, 5, 2, dtype=torch.float64)[0], torch.randn(5, 2, dtype=torch.float64), torch.rand(5)
    t = t.double()
    step = (path.at(x, noise, t + 1e-6) - path.at(x, noise, t - 1e-6)) / 2e-6
    assert torch.allclose(step, path.velocity(x, noise, t), atol=1e-6)
    assert torch.allclose(path.at(x, noise, torch.zeros(5)), noise)


def test_the_middle_is_trained_more_often_with_logit_normal_times():
    torch.manual_seed(0)
    device = torch.device("cpu")
    assert LogitNormalTimes().draw(100_000, device).mean().item() == pytest.approx(0.4998, abs=5e-3)
    assert LogitNormalTimes(-0.4).draw(100_000, device).mean().item() == pytest.approx(0.4176, abs=5e-3)


def test_what_is_known_stays_and_the_rest_is_drawn():
    model = flow(lambda x, t, y: -x, shape=(1, 4, 4), levels=17)
    x = torch.ones(2, 1, 4, 4)
    torch.manual_seed(0)
    done = model.complete(x, 2)
    assert torch.equal(done[:, :, :2], x[:, :, :2])
    torch.manual_seed(0)
    assert torch.equal(done, model.inpaint(x, torch.arange(4)[:, None] < 2))
    known = torch.rand(1, 4, 4) < 0.5
    found = model.inpaint(x, known) == x
    assert found[:, known].all()
    assert not found[:, ~known].all()
    assert model.trajectory(3).shape == (11, 3, 1, 4, 4)


@pytest.mark.parametrize("path", [LinearPath(), VariancePreservingPath()], ids=["linear", "trigonometric"])
def test_a_velocity_belongs_to_the_data_that_it_leads_to(path):
    x, noise, t = torch.randn(5, 3), torch.randn(5, 3), torch.tensor([0.0, 0.1, 0.5, 0.9, 1.0])
    assert torch.allclose(path.data(path.at(x, noise, t), path.velocity(x, noise, t), t), x, atol=1e-5)


def test_dpm_solver_flows_to_the_data_with_one_evaluation_a_step_and_heun_s_method_leads_back():
    model = flow(independent, solver=DPMSolver(), steps=40, grid=KarrasGrid()).requires_grad_(False)
    z = torch.randn(200, 1).clamp(-2, 2)
    assert torch.allclose(model.decode(z), M + S * z, atol=0.03)
    assert model.denoiser.calls == model.evaluations == 40
    assert torch.allclose(model.reconstruct(M + S * z), M + S * z, atol=0.03)
