"""Facts of Song et al. (2023), Song and Dhariwal (2023) and Geng et al. (2024)."""

import math
import shutil

import pytest
import torch
from torch import nn

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.noise_pairs import ContinuousPairs, NeighbouringPairs
from gen_models.diffusion.preconditioning import preconditioning
from gen_models.errors import UsageError
from gen_models.families.consistency import ConsistencyModel, distance
from tests.diffusion.stand_in import Formula
from tests.helpers import newest

STD = 0.5
SMALL = ["network=mlp_denoiser", "network.denoiser.width=16", "network.denoiser.blocks=1"]


def consistency(network, shape=(2,), **options):
    options = {"levels": None, "pairs": NeighbouringPairs(), "guidance": Guidance(), "sigma_data": STD, **options}
    denoiser = network if isinstance(network, nn.Module) else Formula(network)
    return ConsistencyModel(denoiser, shape, optimizers={}, **options)


def gaussian(least):
    """The network that makes f that of Gaussian data: f(x, σ) = x √((ε² + σ_d²) / (σ² + σ_d²))."""

    def predict(x, noise, y):
        sigma = (4 * noise.double()).exp().flatten()
        c = preconditioning(sigma, torch.tensor(STD), least)
        factor = math.hypot(least, STD) * c.into
        return ((factor - c.skip) / c.out)[:, None].float() * (x / c.into[:, None].float())

    return predict


@pytest.mark.parametrize("pairs", [ContinuousPairs(), NeighbouringPairs()], ids=["ect", "ict"])
def test_at_the_least_level_it_is_the_identity_for_any_weights(pairs):
    model = consistency(lambda x, noise, y: torch.randn_like(x) * 100, pairs=pairs)
    x = torch.randn(50, 2)
    assert torch.equal(model.consistent(model.denoiser, x, torch.full((50,), pairs.least), None), x)
    assert not torch.allclose(model.consistent(model.denoiser, x, torch.full((50,), 0.1), None), x, atol=0.1)


def test_it_is_constant_on_the_way_of_gaussian_data():
    model = consistency(gaussian(0.002))
    x, sigma, lower = torch.randn(50, 2) * 3, torch.full((50,), 3.0), torch.full((50,), 0.2)
    further = x * math.hypot(0.2, STD) / math.hypot(3.0, STD)
    ends = [model.consistent(model.denoiser, *pair, None) for pair in ((x, sigma), (further, lower))]
    assert torch.allclose(*ends, atol=1e-4)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_any_number_of_steps_draws_gaussian_data(steps):
    torch.manual_seed(0)
    model = consistency(gaussian(0.002), steps=steps, sigma_data=STD)
    model.bins.nearest = lambda x: x  # which would clip
    assert model.sample(100_000).std().item() == pytest.approx(STD, rel=0.01)
    assert model.denoiser.calls == model.evaluations == steps


def test_two_steps_are_those_of_the_papers():
    model = consistency(gaussian(0.002), steps=2)
    assert [t for t, _ in model.states(torch.randn(3, 2), None)] == pytest.approx([80, 0.821])
    assert model.trajectory(3).shape == (2, 3, 2)
    assert model.way == {"steps": 2}


@pytest.mark.parametrize(("shape", "c"), [((3, 32, 32), 0.02993), ((1, 28, 28), 0.01512)])
def test_the_pseudo_huber_constant_grows_with_the_root_of_the_dimension(shape, c):
    assert consistency(gaussian(0.002), shape, huber=0.00054).c == pytest.approx(c, abs=1e-5)


def test_the_pseudo_huber_distance_is_a_square_near_zero_and_a_distance_far_away():
    origin = torch.zeros(1, 2)
    near, far = torch.tensor([[3e-4, 4e-4]]), torch.tensor([[30.0, 40.0]])
    assert distance(near, origin, 0.1).item() == pytest.approx(5e-4**2 / 0.2, rel=0.02)
    assert distance(far, origin, 0.1).item() == pytest.approx(49.9, abs=1e-3)
    assert distance(far, origin, 0.0).item() == pytest.approx(50)
    x = origin.clone().requires_grad_()
    distance(x, origin, 0.0).sum().backward()
    assert torch.equal(x.grad, origin)


class Watching(Formula):
    """A network with dropout that notes its masks, its levels and whether it is recorded."""

    def __init__(self):
        super().__init__(None)
        self.seen = []

    def forward(self, x, noise, y=None):
        mask = nn.functional.dropout(torch.ones_like(x), 0.5)
        self.seen.append((mask, noise, torch.is_grad_enabled()))
        return self.weight * mask * x


def test_both_levels_see_the_same_dropout_and_only_the_upper_one_has_a_gradient():
    torch.manual_seed(0)
    model = consistency(Watching(), pairs=ContinuousPairs(divisions=8))
    batch = Batch(torch.randn(64, 2), torch.zeros(64), torch.zeros(64))
    sum(model.losses(batch).values()).backward()
    (mask, upper, recorded), (other, lower, unrecorded) = model.denoiser.seen
    assert torch.equal(mask, other)
    assert 0 < (mask == 0).float().mean() < 1
    assert (upper > lower).all()
    assert (recorded, unrecorded) == (True, False)
    model.losses(batch)
    assert not torch.equal(model.denoiser.seen[2][0], mask), "other masks in the next turn"


def test_errors_weigh_with_the_inverse_of_the_distance_of_the_levels():
    """A model that always answers with zero, but for data, is off by the data's distance from zero."""

    class Fixed(ContinuousPairs):
        def draw(self, n, device):
            return torch.full((n,), 0.25), torch.zeros(n)

    def nothing(x, noise, y):
        c = preconditioning((4 * noise).exp().flatten(), torch.tensor(STD))
        return -(c.skip / (c.out * c.into)).clamp(max=1e6)[:, None] * x  # none is asked for at 0

    x = torch.tensor([[3.0, 4.0]])
    losses = consistency(nothing, pairs=Fixed()).losses(Batch(x, torch.zeros(1), torch.zeros(1)))
    assert losses["inconsistency"].item() == pytest.approx(5 / 0.25, rel=1e-4)


@pytest.fixture
def teacher(run_job, tmp_path):
    return run_job("model=edm", *SMALL, "turns=2", run=tmp_path / "teacher")


@pytest.mark.slow
def test_it_begins_with_its_teacher_which_may_then_be_gone(teacher, run_job, tmp_path):
    options = ["model=consistency", *SMALL, f"model.teacher={teacher}", "model.optimizers.consistency.lr=0.0"]
    edm, run = load(teacher), run_job(*options, "turns=1", run=tmp_path / "student")
    state = newest(run)["model"]
    assert state["sigma_data"] == edm.sigma_data != 0.5
    for name, value in edm.denoiser.state_dict().items():
        assert torch.equal(value, state[f"denoiser.{name}"])
        assert torch.equal(value, state[f"averages.copies.denoiser.{name}"])
    shutil.rmtree(teacher)
    run_job(*options, "turns=2", run=run)
    assert load(run).clock.turn == 2


@pytest.mark.slow
def test_what_is_no_teacher_is_refused(teacher, compose_job, run_job):
    with pytest.raises(UsageError, match="the network of .* is another one"):
        run_job("model=consistency", *SMALL, "network.denoiser.width=8", f"model.teacher={teacher}")
    other = run_job("model=flow_matching", *SMALL, "turns=1", run=teacher.parent / "other")
    with pytest.raises(UsageError, match="it has to be a run of model=edm"):
        run_job("model=consistency", *SMALL, f"model.teacher={other}")


@pytest.mark.parametrize(("options", "expected"), [((), 2), (("model.pairs.divisions=8",), 8)])
def test_the_number_of_divisions_is_doubled_from_the_one_that_is_chosen(compose_job, options, expected):
    assert compose_job("model=consistency", *options).model.schedules["pairs.divisions"].initial == expected
