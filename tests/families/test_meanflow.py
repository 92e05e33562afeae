"""Facts of Geng et al. (2025), for data N(0, s²): the flow from z_r to z_t is a factor √(V(t) / V(r))."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from gen_models.augment.told import Told
from gen_models.core.batch import Batch
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.solvers import RK4
from gen_models.diffusion.time_pairs import CappedTimes, SortedTimes
from gen_models.diffusion.times import UniformTimes
from gen_models.diffusion.velocity_guidance import VelocityGuidance
from gen_models.errors import UsageError
from gen_models.families.meanflow import MeanFlow
from gen_models.networks.denoisers.base import Denoiser
from gen_models.networks.denoisers.dit import DiT
from gen_models.networks.denoisers.lean_unet import LeanUNet
from gen_models.networks.denoisers.mlp_denoiser import MLPDenoiser
from gen_models.networks.denoisers.unet import UNet
from tests.conftest import CONF

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
    found = (model := meanflow(mean_velocity)).derivative(model.denoiser, z, r[:, 0], t[:, 0], velocity(z, t), None)
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


def test_by_its_own_tangent_no_mean_velocity_has_a_greater_error_than_flow_matching():
    """Of the best network, u + (t - r) du/dt is then the velocity of the flow, whatever r is."""
    exact = lambda z, r, t: torch.where(t - r > 1e-3, mean_velocity(z, r, t), velocity(z, t))  # noqa: E731
    found = {}
    for tangent in ("sampled", "predicted"):
        torch.manual_seed(0)
        times = CappedTimes(UniformTimes(), UniformTimes(), 1.0)
        model, x = meanflow(exact, pairs=times, power=0.0, tangent=tangent), S * torch.randn(200_000, 1)
        found[tangent] = model.losses(Batch(x, torch.zeros(1), torch.zeros(1)))["weighted_error"].item()
    assert found["predicted"] == pytest.approx(S * torch.pi / 2, rel=0.02)
    assert found["sampled"] != pytest.approx(S * torch.pi / 2, rel=0.05)


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
    found = model.derivative(network, z, r, t, v, None)
    assert (found - expected).norm() / expected.norm() < 0.05


class ByClass(TwoTimes):
    """u = the class, of which there are two, and -1 for none; it notes how it is asked."""

    classes = 2

    def __init__(self):
        super().__init__(None)
        self.asked = []

    def forward(self, x, noise, y=None):
        self.asked.append((len(x), self.training, noise[:, 1].abs().max().item()))
        return torch.where(y == 2, -1.0, y.float())[:, None].expand_as(x) + 0 * self.weight


def test_guidance_that_is_trained_in_settles_at_its_scale_over_what_is_not_mixed():
    """source: Gsunshine/meanflow d70cb55, meanflow.py: guidance_fn, at ω of 0.2 and 3 and κ of 0.92 and 0.5."""
    told, untold, t = torch.full((3, 1), 1.0), torch.full((3, 1), -2.0), torch.tensor([0.0, 0.5, 0.9])
    found = VelocityGuidance(0.2, 0.92, end=0.75)(torch.full((3, 1), 0.5), told, untold, t)
    assert found.flatten().tolist() == pytest.approx([1.26, 1.26, 0.5], abs=1e-6)
    v, settled = told, told
    for _ in range(100):
        settled = VelocityGuidance(3.0, 0.5)(v, settled, untold, t)
    assert settled.flatten().tolist() == pytest.approx([-2 + 3 / (1 - 0.5) * (1 + 2)] * 3, abs=1e-4)


def test_velocities_are_guided_by_the_network_itself_where_the_class_is_told():
    model = meanflow(network := ByClass(), velocity_guidance=VelocityGuidance(2.0, 0.5))
    z, v, t = torch.randn(3, 1), torch.full((3, 1), 4.0), torch.rand(3)
    y, y_dropped = torch.tensor([0, 1, 1]), torch.tensor([0, 1, 2])
    guided = model.guided_velocity(network, z, t, v, y, y_dropped)
    assert guided.flatten().tolist() == [2 * 4 + 0.5 * 0 + 1.5 * 1, 2 * 4 + 0.5 * 1 + 1.5 * 1, 4]
    assert (network.asked, network.training) == ([(3, False, 0.0)] * 2, True)
    assert torch.isfinite(
        model.losses(Batch(torch.randn(8, 1), torch.zeros(8).long(), torch.zeros(8)))["weighted_error"]
    )
    with pytest.raises(UsageError, match="is of classes, and this network is told none"):
        meanflow(mean_velocity, velocity_guidance=VelocityGuidance())


def test_pictures_are_changed_and_both_passes_are_told_how():
    network = UNet((1, 8, 8), width=4, multipliers=(1,), blocks=1, dropout=0.0, labels=6, times=2, scale=1)
    model = meanflow(network, (1, 8, 8), augment=Told(upright=True))
    seen = []
    network.register_forward_pre_hook(lambda _, __, told: seen.append(told["labels"]), with_kwargs=True)
    model.losses(Batch(torch.zeros(16, 1, 8, 8), torch.zeros(16), torch.zeros(16)))
    first, second = seen
    assert first.shape == (16, 6)
    assert torch.equal(first, second)
    with pytest.raises(UsageError, match="tells 9 labels, and the network takes 6"):
        meanflow(network, (1, 8, 8), augment=Told())


def test_a_network_of_one_time_is_refused(compose_job, run_job):
    with pytest.raises(UsageError, match=r"set network\.denoiser\.times=2"):
        run_job("model=meanflow", "network=mlp_denoiser")


@pytest.mark.slow
def test_one_step_finds_eight_points_where_one_of_eulers_finds_their_middle():
    """An Euler step of any flow whose noise and data are independent ends in the mean of the data."""
    torch.manual_seed(0)
    angles = torch.arange(8) * torch.pi / 4
    corners = 0.7 * torch.stack([angles.cos(), angles.sin()], 1)

    def ring(n):
        return corners[torch.randint(8, (n,))] + 0.03 * torch.randn(n, 2)

    network = MLPDenoiser((2,), width=64, blocks=2, times=2, scale=4)
    model = meanflow(network, (2,), pairs=SortedTimes(UniformTimes(), 0.5))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(150):
        optimizer.zero_grad()
        sum(model.losses(Batch(ring(256), torch.zeros(256), torch.zeros(256))).values()).backward()
        optimizer.step()
    data = ring(1000)
    assert energy_distance(model.sample(1000), data) < 0.1 * energy_distance(0 * data, data)


def energy_distance(x, y):
    """Székely and Rizzo (2013): 0 for equal distributions."""
    return 2 * torch.cdist(x, y).mean() - torch.cdist(x, x).mean() - torch.cdist(y, y).mean()


RANK = """
from pathlib import Path
from gen_models.core.engine import Engine
ended = Engine.on_train_end
def told(self):
    ended(self)
    weights = [float(p.detach().double().abs().sum()) for p in self.denoiser.parameters()]
    (Path(__file__).parent / f"rank-{self.global_rank}").write_text(repr(weights))
Engine.on_train_end = told
exec(Path("train.py").read_text())  # in this script, by whose name the other rank is started
"""


@pytest.mark.slow
def test_ranks_stay_alike_though_the_derivative_is_taken_past_the_wrapper(tmp_path):
    """Forward derivatives of a wrapped network would silently leave the gradients of each rank to itself."""
    (tmp_path / "rank.py").write_text(RANK)
    options = ["model=meanflow", "network=mlp_denoiser_mean", "data=digits", "metrics=none", "logger=csv", "turns=5"]
    command = [sys.executable, str(tmp_path / "rank.py"), *options]
    command += ["trainer=ddp_cpu", f"run={tmp_path}/run"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CONF.parent)}
    done = subprocess.run(command, cwd=CONF.parent, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    first, second = ((tmp_path / f"rank-{rank}").read_text() for rank in range(2))
    assert first == second
