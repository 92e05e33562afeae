"""Distributions of levels: they sum to one, and what is drawn follows them."""

import math
from itertools import product

import pytest
import torch

from gen_models.losses.categorical import Softmax
from gen_models.losses.logistic_mixture import LogisticMixture, bin_log_prob
from gen_models.media.pixels import from_levels

BOTH = pytest.mark.parametrize("loss", [Softmax(), LogisticMixture(3)], ids=["softmax", "logistics"])


def every(channels, levels):
    """All pixels there are, (levels^C, C, 1, 1)."""
    indices = torch.tensor(list(product(range(levels), repeat=channels)))
    return from_levels(indices, levels).view(-1, channels, 1, 1)


def probabilities(loss, parameters, channels, levels):
    x = every(channels, levels).to(parameters)
    return loss.log_prob(parameters.view(1, -1, 1, 1).expand(len(x), -1, -1, -1), x, levels).exp()


@BOTH
@pytest.mark.parametrize(("channels", "levels"), [(1, 256), (1, 2), (2, 17), (3, 6)])
def test_all_pixels_there_are_sum_to_one(loss, channels, levels):
    torch.manual_seed(0)
    for spread in (0.3, 3.0, 8.0):  # scales down to the least one, means beyond the ends
        parameters = spread * torch.randn(loss.size(channels, levels), dtype=torch.double)
        assert probabilities(loss, parameters, channels, levels).sum().item() == pytest.approx(1, abs=1e-6)


@BOTH
def test_draws_follow_the_probabilities(loss):
    torch.manual_seed(0)
    parameters, n = torch.randn(loss.size(2, 4)), 100_000
    x, noise = torch.empty(n, 0), torch.rand(n, 3)
    for _ in range(2):
        drawn = loss.draw(parameters.expand(n, -1), x, noise, 4, 1.0)
        x = torch.cat([x, from_levels(drawn, 4)[:, None]], dim=1)
    pairs = ((x + 1) * 1.5).round().long()
    found = torch.bincount(pairs[:, 0] * 4 + pairs[:, 1], minlength=16) / n
    assert torch.allclose(found, probabilities(loss, parameters, 2, 4), atol=0.008)  # five standard errors


@BOTH
def test_cold_draws_are_all_alike(loss):
    torch.manual_seed(0)
    parameters = torch.randn(1, loss.size(1, 9)).expand(500, -1)
    warm, cold = (loss.draw(parameters, torch.empty(500, 0), torch.rand(500, 2), 9, t) for t in (1.0, 1e-4))
    assert len(warm.unique()) > 4
    assert len(cold.unique()) == 1


def test_narrow_bins_are_densities_and_outer_bins_have_the_tails():
    mean, log_scale, levels = torch.tensor(0.1), torch.tensor(-1.0), 256
    x = from_levels(torch.arange(levels), levels)
    found = bin_log_prob(x, mean, log_scale, levels)
    logistic = torch.distributions.TransformedDistribution(
        torch.distributions.Uniform(0, 1),
        [torch.distributions.SigmoidTransform().inv, torch.distributions.AffineTransform(0.1, math.exp(-1))],
        validate_args=False,
    )
    assert torch.allclose(found[1:-1], logistic.log_prob(x[1:-1]) - math.log(127.5), atol=1e-3)
    assert found[0].exp().item() == pytest.approx(logistic.cdf(x[0] + 1 / 255).item(), rel=1e-4)
    assert found[-1].exp().item() == pytest.approx(1 - logistic.cdf(x[-1] - 1 / 255).item(), rel=1e-4)


def test_it_stays_finite_far_from_the_mean():
    mean = torch.tensor(-1.0, requires_grad=True)
    scale = torch.tensor(-7.0, requires_grad=True)
    value = bin_log_prob(torch.tensor([1.0, 0.5]), mean, scale, 256).sum()
    value.backward()
    assert torch.isfinite(torch.stack([value, mean.grad, scale.grad])).all()
    assert value < -1000


def test_a_channel_moves_with_the_channels_before_it():
    loss = LogisticMixture(1)
    parameters = torch.tensor([[0.0, 0, 0, -5, -5, 20]])  # logit, two means, two log-scales, a coefficient of tanh 20
    low, high = (loss.draw(parameters, torch.tensor([[red]]), torch.full((1, 3), 0.5), 256, 1.0) for red in (-0.5, 0.5))
    assert (from_levels(high, 256) - from_levels(low, 256)).item() == pytest.approx(1, abs=0.01)


def test_between_levels_probabilities_are_joined_by_lines():
    torch.manual_seed(0)
    parameters, x = torch.randn(2, 2 * 5, 3), from_levels(torch.randint(4, (2, 2, 3)), 5)
    ends = [Softmax().log_prob(parameters, x + step, 5) for step in (0, 0.5)]
    torch.testing.assert_close(Softmax().smooth_log_prob(parameters, x, 5), ends[0])
    torch.testing.assert_close(Softmax().smooth_log_prob(parameters, x + 0.125, 5), 0.75 * ends[0] + 0.25 * ends[1])
    highest = torch.ones_like(x)
    torch.testing.assert_close(
        Softmax().smooth_log_prob(parameters, highest, 5), Softmax().log_prob(parameters, highest, 5)
    )


@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (3, 1, 7)])
def test_the_softmax_reads_levels_in_either_memory_format(shape):
    torch.manual_seed(0)
    x, logits = from_levels(torch.randint(6, shape), 6), torch.randn(shape[0], 6 * shape[1], *shape[2:])
    beside = logits.movedim(1, -1).contiguous().movedim(-1, 1)
    of = []
    for parameters in (logits.requires_grad_(), beside.requires_grad_()):
        found = Softmax().log_prob(parameters, x, 6)
        of.append((found, *torch.autograd.grad(found.sum(), parameters)))
    assert beside.stride(1) == 1 != logits.stride(1)
    assert torch.allclose(of[0][0], of[1][0], rtol=1e-6)
    assert torch.allclose(of[0][1], of[1][1], atol=1e-7)
    assert of[1][1].stride() == beside.stride()
