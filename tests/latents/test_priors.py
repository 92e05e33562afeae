"""What latents are drawn from."""

import math

import pytest
import torch
from torch import distributions

from gen_models.errors import UsageError
from gen_models.latents.priors import Logistic, MixtureOfGaussians, Normal, SwissRoll

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_petals_point_outwards_from_a_circle():
    y = torch.arange(10).repeat(2000)
    points = torch.view_as_complex(MixtureOfGaussians(10).sample(len(y), 2, CPU, y).view(-1, 2))
    turned = points * torch.polar(torch.ones(len(y)), -2 * math.pi * y / 10)  # all petals onto the first
    for k in range(10):
        petal = turned[y == k]
        assert petal.real.mean() == pytest.approx(1.4, abs=0.05)
        assert petal.imag.mean() == pytest.approx(0, abs=0.01)
        assert (petal.real.std(), petal.imag.std()) == pytest.approx((0.5, 0.05), rel=0.1)


def test_the_roll_has_its_classes_one_after_another_and_is_evenly_filled():
    y = torch.arange(4).repeat(2000)
    points = torch.view_as_complex(SwissRoll(4, radius=3, turns=2).sample(len(y), 2, CPU, y).view(-1, 2))
    way = points.abs() / 3
    assert torch.equal((way.square() * 4).floor().clamp(max=3), y.float())
    turned = points * torch.polar(torch.ones(len(y)), -4 * math.pi * way)
    assert torch.allclose(turned.real, points.abs(), atol=1e-4)
    assert way.square().mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("prior", [MixtureOfGaussians(3, across=0.01), SwissRoll(3)])
def test_an_unknown_class_is_any_and_all_pairs_share_it(prior):
    def component(points):
        complex_ = torch.view_as_complex(points.view(-1, 2))
        if isinstance(prior, SwissRoll):
            return (complex_.abs() / prior.radius).square().mul(3).floor().clamp(max=2)
        return (complex_.angle() / (2 * math.pi / 3)).round() % 3

    y = torch.tensor([1, -1]).repeat(900)
    drawn = prior.sample(1800, 4, CPU, y)
    first, second = component(drawn[:, :2].contiguous()), component(drawn[:, 2:].contiguous())
    assert (first == second).float().mean() > 0.95  # few of the petals reach over the centre
    assert (first[y == 1] == 1).float().mean() > 0.97
    unknown = torch.bincount(first[y == -1].long(), minlength=3)
    free = torch.bincount(component(prior.sample(900, 2, CPU)).long(), minlength=3)
    assert min(unknown.min(), free.min()) > 240


def test_the_plane_has_even_dimensions():
    for prior in (MixtureOfGaussians(), SwissRoll()):
        with pytest.raises(UsageError, match="model.latent_dim must be even, not 3"):
            prior.sample(0, 3, CPU)
    assert Normal().sample(0, 3, CPU).shape == (0, 3)


@pytest.mark.parametrize("density", [Normal(), Logistic()])
def test_the_density_integrates_to_one_and_is_that_of_the_samples(density):
    axis = torch.linspace(-30, 30, 6001)
    p = density.log_prob(axis[:, None]).exp() * 0.01
    assert p.sum().item() == pytest.approx(1, abs=1e-4)
    z = density.sample(40_000, 2, CPU)
    for power in (1, 2):
        assert z[:, 0].pow(power).mean().item() == pytest.approx((p * axis.pow(power)).sum().item(), abs=0.05)
    entropy = -2 * (p * density.log_prob(axis[:, None])).sum().item()
    assert -density.log_prob(z).mean().item() == pytest.approx(entropy, abs=0.03)


def test_the_logistic_is_the_known_one():
    uniform = distributions.Uniform(0.0, 1.0)
    logistic = distributions.TransformedDistribution(uniform, [distributions.SigmoidTransform().inv])
    z = torch.tensor([[-3.0, 0.5], [2.0, 9.0]])
    assert torch.allclose(Logistic().log_prob(z), logistic.log_prob(z).sum(1), atol=1e-3)
