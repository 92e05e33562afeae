"""Facts of TarFlow's samples: denoising by Tweedie's formula, guidance of scales and shifts, no likelihood."""

import pytest
import torch

from gen_models.core.abilities.likelihood import HasLikelihood
from gen_models.diffusion.guidance import Guidance
from gen_models.errors import UsageError
from gen_models.families.noisy_flow import NoisyFlow
from gen_models.latents.priors import Normal
from gen_models.networks.flows.bijection import Bijection, Flow
from gen_models.networks.flows.tarflow import TarFlow


class Affine(Bijection):
    """The exact flow of data from N(mean, spread²) with noise of σ."""

    def __init__(self, mean, spread, sigma):
        super().__init__()
        self.mean, self.width = mean, (spread**2 + sigma**2) ** 0.5

    def forward(self, x, y=None):
        return (x - self.mean) / self.width, -x.shape[1] * torch.full((len(x),), self.width).log()

    def inverse(self, z, y=None):
        return z * self.width + self.mean


class Exact(Flow):
    def __init__(self, *numbers):
        super().__init__((3,), 0, [Affine(*numbers)])


def test_one_step_gives_the_mean_of_gaussian_data_given_the_noisy():
    mean, spread, sigma = 0.2, 0.3, 0.15
    model = NoisyFlow(Exact(mean, spread, sigma), Normal(), sigma, optimizers={})
    x = torch.randn(5, 3)
    expected = (spread**2 * x + sigma**2 * mean) / (spread**2 + sigma**2)
    with torch.no_grad():
        assert torch.allclose(model.denoised(x), expected, atol=1e-6)


def test_denoised_samples_have_the_spread_of_posterior_means():
    spread, sigma = 0.2, 0.2
    model = NoisyFlow(Exact(0.0, spread, sigma), Normal(), sigma, optimizers={})
    torch.manual_seed(0)
    noisy = spread**2 + sigma**2
    assert model.sample(20_000).var().item() == pytest.approx(spread**4 / noisy, rel=0.03)
    model.set_way(denoises=0)
    assert model.sample(20_000).var().item() == pytest.approx(noisy, rel=0.03)


@pytest.fixture
def flow():
    torch.manual_seed(0)
    flow = TarFlow((1, 4, 4), patch=2, size=8, blocks=2, layers=1, heads=2, classes=3)
    for block in flow.chain.parts[1:-1]:
        torch.nn.init.normal_(block.leave.weight, 0.0, 0.1)
        torch.nn.init.normal_(block.embed.weight, 0.0, 0.3)
    return flow


def test_a_scale_of_one_is_the_inverse_and_of_zero_that_of_no_class(flow):
    z, y = torch.randn(4, 16), torch.tensor([0, 1, 2, 2])
    assert torch.equal(flow.guided_inverse(z, y, 1.0), flow.inverse(z, y))
    untold = flow.inverse(z, torch.full_like(y, 3))
    assert torch.allclose(flow.guided_inverse(z, y, 0.0), untold, atol=1e-5)
    assert not torch.allclose(untold, flow.inverse(z, y))


def test_guidance_extrapolates_scale_and_shift_of_the_next_token(flow):
    block, scale = flow.chain.parts[1], 2.5
    z, y = torch.randn(4, 4, 4), torch.tensor([0, 1, 2, 2])
    told, untold = (block._told(z[:, :1], classes, 0) for classes in (y, torch.full_like(y, 3)))
    log_scale, shift = (told + (scale - 1) * (told - untold)).chunk(2, dim=2)  # the authors' way to write it
    found = block.guided_inverse(z, y, scale)
    assert torch.equal(found[:, :1], z[:, :1])
    assert torch.allclose(found[:, 1:2], z[:, 1:2] * log_scale.exp() + shift, atol=1e-5)


def test_guidance_rises_from_token_to_token_where_it_should(flow):
    y, seen = torch.zeros(2, dtype=torch.long), []
    flow.guided_inverse = lambda z, y, scale, rising: seen.append((scale, rising)) or flow.inverse(z, y)
    for rising in (True, False):
        NoisyFlow(flow, Normal(), denoises=0, guidance=Guidance(scale=2.0), rising=rising, optimizers={}).sample(2, y)
    assert seen == [(2.0, True), (2.0, False)]


def test_no_class_is_the_mean_of_all_vectors(flow):
    block = flow.chain.parts[1]
    with torch.no_grad():
        none = block._told(x := torch.randn(2, 4, 4), torch.tensor([3, 3]), 0)
        block.embed.weight.copy_(block.embed.weight.mean(0).expand_as(block.embed.weight))
        assert torch.allclose(block._told(x, torch.tensor([0, 2]), 0), none, atol=1e-5)


def test_it_has_no_likelihood_of_pixels_and_refuses_what_it_can_not_do(flow):
    model = NoisyFlow(flow, Normal(), optimizers={}, guidance=Guidance(scale=2.0))
    assert not isinstance(model, HasLikelihood)
    assert model.way == {"temperature": 1.0, "guidance": 2.0, "denoises": 1}
    plain = NoisyFlow(Exact(0.0, 1.0, 1.0), Normal(), optimizers={})
    for make, words in (
        (lambda: plain.set_way(guidance=2.0), "can't be guided"),
        (lambda: plain.set_way(denoises=2), "denoises is 0 or 1"),
    ):
        with pytest.raises(UsageError, match=words):
            make()
