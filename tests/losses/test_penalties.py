"""Penalties on critics whose gradients are known."""

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import nn

from gen_models.losses.penalties import R1, R2, Dragan, Drift, GradientPenalty, OneSidedGradientPenalty, Penalty
from gen_models.networks.critics.heads import Critic
from gen_models.networks.gan.dcgan import DCGANBody
from gen_models.run.build import build_data, build_model
from tests.conftest import CONF
from tests.waves import digest, fill, waves

FILES = {path.stem: OmegaConf.load(path) for path in sorted(CONF.glob("penalty/*.yaml"))}
Y = torch.zeros(8, dtype=torch.long)


def samples():
    torch.manual_seed(0)
    return torch.randn(8, 3, 8, 8), torch.randn(8, 3, 8, 8)


def linear(norm):
    """A critic whose gradient has one norm everywhere."""
    w = torch.randn(3 * 8 * 8)
    return lambda x, y: x.flatten(1) @ (norm * w / w.norm())


def quadratic(x, y):
    return 0.5 * x.flatten(1).square().sum(1)


@pytest.mark.parametrize(
    ("penalty", "norm", "value"),
    [
        (GradientPenalty(10.0), 1, 0),
        (GradientPenalty(10.0), 3, 40),
        (GradientPenalty(10.0), 0.5, 2.5),
        (GradientPenalty(10.0, target=3.0), 3, 0),
        (OneSidedGradientPenalty(10.0), 0.5, 0),
        (OneSidedGradientPenalty(10.0), 3, 40),
        (Dragan(10.0), 1, 0),
        (Dragan(10.0), 3, 40),
        (R1(10.0), 3, 45),
        (R2(10.0), 3, 45),
    ],
)
def test_penalties_of_the_gradient_on_a_linear_critic(penalty, norm, value):
    assert penalty(linear(norm), *samples(), Y).item() == pytest.approx(value, abs=1e-5)


def test_closed_forms_on_a_quadratic_critic():
    real, fake = samples()
    assert R1(4.0)(quadratic, real, fake, Y).item() == pytest.approx(2 * real.square().sum().item() / 8, rel=1e-5)
    assert R2(4.0)(quadratic, real, fake, Y).item() == pytest.approx(2 * fake.square().sum().item() / 8, rel=1e-5)
    drift = 1e-3 * quadratic(real, Y).square().mean().item()
    assert Drift(1e-3)(quadratic, real, fake, Y).item() == pytest.approx(drift, rel=1e-5)


def test_the_mixing_weight_is_one_an_example_and_dragan_stays_near_the_real():
    (real, fake), seen = samples(), []
    for penalty in (GradientPenalty(), Dragan(spread=0.5)):
        penalty(lambda x, y: seen.append(x.detach()) or quadratic(x, y), real, fake, Y)
    mix = ((seen[0] - real) / (fake - real)).flatten(1)
    assert mix.std(1).max() < 1e-3 < 0.1 < mix.mean(1).std()
    assert 0 < mix.mean(1).min() < mix.mean(1).max() < 1
    assert 0 < (seen[1] - real).max() <= 0.5 * real.std()
    assert (seen[1] >= real).all()


def test_a_dead_critic_has_finite_gradients():
    w = torch.zeros(3 * 8 * 8, requires_grad=True)
    GradientPenalty()(lambda x, y: x.flatten(1) @ w, *samples(), Y).backward()
    assert torch.isfinite(w.grad).all()


@pytest.mark.parametrize("name", FILES)
def test_every_file_moves_the_weights_and_computes_in_full_precision(name):
    (penalty,) = instantiate(FILES[name]).values()
    assert isinstance(penalty, Penalty)
    assert penalty.every == 1
    body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Softplus(), nn.Flatten(), nn.Linear(144, 1))
    kinds = []
    with torch.autocast("cpu", torch.bfloat16):
        real, fake = samples()
        value = penalty(lambda x, y: kinds.append(20 * body(x)) or kinds[-1].squeeze(1), real, fake.bfloat16(), Y)
    value.backward()
    assert {kind.dtype for kind in kinds} == {value.dtype} == {torch.float32}
    assert all(p.grad.abs().sum() > 0 for p in (body[0].weight, body[3].weight))


@pytest.mark.parametrize("name", FILES)
def test_a_penalty_looks_at_samples_as_it_says(name):
    (penalty,) = instantiate(FILES[name]).values()
    (real, fake), values = samples(), []
    for shown in (fake, fake + 3, real[:0]) if not penalty.needs_samples else (fake, fake + 3):
        torch.manual_seed(0)
        values.append(penalty(lambda x, y: quadratic(x, y) * x[:, 0, 0, 0], real, shown, Y).item())
    assert (len({*values}) > 1) == penalty.needs_samples


def test_penalties_combine_by_name_and_only_penalties_fit(compose_job):
    cfg = compose_job("penalty=[r1,bcr]", "loss=tv_clipped")
    build_data(cfg)
    assert list(build_model(cfg).penalties) == ["r1", "bcr"]


def test_the_penalty_and_its_gradient_are_those_of_the_authors_program(monkeypatch):
    """WGAN-GP's critic for CIFAR-10, with mixing weights that both were given."""
    critic = Critic(DCGANBody((3, 32, 32), width=2, kernel=5, norm=False, start="he"))
    fill(critic)
    monkeypatch.setattr(torch, "rand", lambda *shape, device: (waves(*shape, shift=0.5) + 1) / 2)
    real, fake = (waves(6, 3, 32, 32, shift=shift) for shift in (0.25, 0.75))
    penalty = GradientPenalty(1.0)(critic, real, fake, torch.zeros(6))
    # source: igul222/improved_wgan_training fa66c57, gan_cifar.py: gradient_penalty
    assert penalty.item() == pytest.approx(0.498550, abs=1e-5)
    (gradient,) = torch.autograd.grad(penalty, next(critic.parameters()))
    expected = [-0.022592, 0.025049, -0.012905, -0.000424, 0.024335, -0.021869]
    assert digest(gradient) == pytest.approx(expected, abs=1e-5)
