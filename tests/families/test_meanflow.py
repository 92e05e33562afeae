"""Facts of Geng et al. (2025), for data N(0, s²): the flow from z_r to z_t is a factor √(V(t) / V(r))."""

import pytest
import torch
from torch import nn

from gen_models.core.batch import Batch
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.solvers import RK4
from gen_models.diffusion.time_pairs import CappedTimes, SortedTimes
from gen_models.diffusion.times import UniformTimes
from gen_models.errors import UsageError
from gen_models.families.meanflow import MeanFlow
from gen_models.networks.denoisers.base import Denoiser
from gen_models.networks.denoisers.dit import DiT
from gen_models.networks.denoisers.lean_unet import LeanUNet
from gen_models.networks.denoisers.unet import UNet

S = 0.4


def variance(t):
    return (1 - t) ** 2 * S**2 + t**2


def velocity(z, t):
    """The velocity of the flow: E(e - x | z)."""
    return (t - (1 - t) * S**2) / variance(t) * z


def mean_velocity(z, r, t):
    """The mean velocity between r and t of the solution through z at t."""
    return z * (1 - (variance(r) / variance(t)).sqrt()) / (t - r)


class TwoTimes(Denoiser):
    """A function of (z, r, t) as a network, that notes what it drops."""

    outputs, times, classes = 1, 2, 0

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.weight = nn.Parameter(torch.zeros(()))
        self.masks = []

    def forward(self, x, noise, y=None):
        t, h = noise.chunk(2, 1)
        self.masks.append(nn.functional.dropout(torch.ones(4), 0.5))
        return self.function(x, t - h, t) + 0 * self.weight


def meanflow(network, shape=(1,), **options):
    options = {"levels": None, "pairs": SortedTimes(UniformTimes(), 0.5), "solver": RK4(), **options}
    denoiser = network if isinstance(network, nn.Module) else TwoTimes(network)
    return MeanFlow(denoiser, shape, guidance=Guidance(), optimizers={}, **options)


@pytest.fixture
def point():
    torch.manual_seed(0)
    times = torch.rand(2, 50, dtype=torch.float64).sort(0).values
    return torch.randn(50, dtype=torch.float64), *times


def test_the_identity_holds_to_the_last_digits(point):
    z, r, t = point
    u, du = torch.func.jvp(lambda z, t: mean_velocity(z, r, t), (z, t), (velocity(z, t), torch.ones_like(t)))
    assert (u - (velocity(z, t) - (t - r) * du)).abs().max() < 1e-14


def test_the_mean_velocity_becomes_the_velocity_and_halves_make_the_whole(point):
    z, r, t = point
    assert (mean_velocity(z, t - 1e-6, t) - velocity(z, t)).abs().max() < 1e-5
    middle = (r + t) / 2
    there = z - (t - middle) * mean_velocity(z, middle, t)
    halves = (t - middle) * mean_velocity(z, middle, t) + (middle - r) * mean_velocity(there, r, middle)
    assert torch.allclose(halves, (t - r) * mean_velocity(z, r, t), atol=1e-15)


def test_the_derivative_is_that_along_the_flow(point):
    z, r, t = (each.float()[:, None] for each in point)
    found = meanflow(mean_velocity).derivative(z, r[:, 0], t[:, 0], velocity(z, t), None)
    assert torch.allclose(found, (velocity(z, t) - mean_velocity(z, r, t)) / (t - r), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("steps", [1, 3])
def test_any_number_of_steps_is_the_whole_flow(steps):
    model = meanflow(mean_velocity, steps=steps)
    z = torch.linspace(-2, 2, 9)[:, None]
    assert torch.allclose(model.decode(z), S * z, atol=1e-5)
    assert model.trajectory(4).shape == (steps + 1, 4, 1)
    assert (model.way, model.evaluations) == ({"steps": steps}, steps)


def test_codes_lead_back():
    model = meanflow(lambda z, r, t: torch.where(t > r, mean_velocity(z, r, t), velocity(z, t)))
    x = torch.linspace(-0.8, 0.8, 9)[:, None]
    assert torch.allclose(model.encode(x), x / S, rtol=1e-3)
    assert torch.allclose(model.reconstruct(x), x, atol=1e-3)


def test_without_a_difference_of_times_it_is_flow_matching():
    """With p = 0 and r = t the least loss is flow matching's: s² / V(t), here on average over the times s π / 2."""
    torch.manual_seed(0)
    model = meanflow(lambda z, r, t: velocity(z, t), pairs=CappedTimes(UniformTimes(), UniformTimes(), 0.0), power=0.0)
    x = S * torch.randn(200_000, 1)
    loss = model.losses(Batch(x, torch.zeros(1), torch.zeros(1)))["weighted_error"].item()
    assert loss == pytest.approx(S * torch.pi / 2, rel=0.02)


def test_errors_weigh_less_the_larger_they_are():
    x = torch.randn(5, 1)
    plain, weighed = (
        meanflow(lambda z, r, t: 3.0 + 0 * z, power=power, offset=0.0, pairs=SortedTimes(UniformTimes(), 0.0))
        for power in (0.0, 1.0)
    )
    torch.manual_seed(0)
    assert plain.losses(Batch(x, torch.zeros(5), torch.zeros(5)))["weighted_error"].item() != pytest.approx(1)
    assert weighed.losses(Batch(x, torch.zeros(5), torch.zeros(5)))["weighted_error"].item() == pytest.approx(1)


def test_both_passes_see_the_same_dropout():
    model = meanflow(mean_velocity, pairs=SortedTimes(UniformTimes(), 1.0))
    for _ in range(5):
        model.losses(Batch(torch.randn(8, 1), torch.zeros(8), torch.zeros(8)))
    masks = model.denoiser.masks
    assert all(torch.equal(first, second) for first, second in zip(masks[::2], masks[1::2], strict=True))
    assert len({tuple(mask.tolist()) for mask in masks}) > 1


@pytest.mark.parametrize("kit", ["lean", "unet", "dit"])
def test_the_derivative_passes_through_attention_and_normalisation_of_channels_last(kit):
    torch.manual_seed(0)
    network = {
        "lean": lambda: LeanUNet((1, 8, 8), width=8, times=2),
        "unet": lambda: UNet((1, 8, 8), width=8, multipliers=(1, 1), blocks=1, attention=(8,), dropout=0.0, times=2),
        "dit": lambda: DiT((1, 8, 8), width=16, depth=1, heads=2, times=2),
    }[kit]()
    for weight in network.parameters():
        nn.init.normal_(weight, 0, 0.1)
    model = meanflow(network.to(memory_format=torch.channels_last), (1, 8, 8))
    z, v = (torch.randn(4, 1, 8, 8).to(memory_format=torch.channels_last) for _ in range(2))
    r, t = torch.full((4,), 0.2), torch.full((4,), 0.7)
    with torch.no_grad():
        ends = [model.mean_velocity(network, z + h * v, r, t + h, None) for h in (-1e-4, 1e-4)]
    expected = (ends[1] - ends[0]) / 2e-4
    found = model.derivative(z, r, t, v, None)
    assert (found - expected).norm() / expected.norm() < 0.05


def test_a_network_of_one_time_is_refused(compose_job, run_job):
    with pytest.raises(UsageError, match=r"set network\.denoiser\.times=2"):
        run_job("model=meanflow", "network=mlp_denoiser")
