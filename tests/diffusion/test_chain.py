"""Identities of Ho et al. (2020), Song et al. (2021) and Nichol and Dhariwal (2021)."""

import math

import pytest
import torch

from gen_models.diffusion.betas import CosineBetas, LinearBetas
from gen_models.diffusion.chain import NoiseChain
from gen_models.diffusion.gaussian import discretised, kl_between
from gen_models.diffusion.samplers import DDIM, Ancestral

LINEAR = NoiseChain(LinearBetas().alpha_bars(1000))
EVERY = torch.arange(1, 1001)


def test_constants_of_the_linear_schedule():
    first, second, end = (LINEAR.at(t) for t in (1, 2, 1000))
    assert LINEAR.alpha_bars[1].item() == pytest.approx(0.9999)
    assert LINEAR.alpha_bars[-1].item() == pytest.approx(4.0358e-5, rel=1e-4)
    assert (end.signal / end.noise).square().item() == pytest.approx(4.036e-5, rel=1e-3)
    assert LINEAR.at(EVERY).beta.sum().item() == pytest.approx(10.05)
    assert first.least == 0
    assert second.least.item() == pytest.approx(5.4532e-5, rel=1e-4)
    assert (second.beta / second.least).item() == pytest.approx(2.199, abs=1e-3)
    assert (first.of_data.item(), first.of_state.item()) == (pytest.approx(1), 0)


@pytest.mark.parametrize(("steps", "end"), [(1000, 2.4e-9), (4000, 1.5e-10)])
def test_constants_of_the_cosine_schedule(steps, end):
    alpha_bars = CosineBetas().alpha_bars(steps)
    betas = 1 - alpha_bars[1:] / alpha_bars[:-1]
    assert alpha_bars[-1].item() == pytest.approx(end, rel=0.05)
    assert betas[-1].item() == pytest.approx(0.999)
    assert (betas > 0.9989).sum() == 1
    if steps == 1000:
        assert betas[0].item() == pytest.approx(4.128e-5, rel=1e-3)
        assert alpha_bars[500].item() == pytest.approx(0.49384, abs=1e-5)


def test_identities_of_the_posterior():
    step, before = LINEAR.at(EVERY), LINEAR.alpha_bars[:-1]
    assert torch.allclose(step.of_data + step.of_state * step.signal, before.sqrt(), atol=1e-12)
    later = LINEAR.at(EVERY[1:])
    assert torch.allclose(1 / later.least, (1 - later.beta) / later.beta + 1 / (1 - before[1:]), rtol=1e-9)


def test_the_mean_by_the_noise_is_that_of_the_posterior():
    """(x_t - β_t / √(1 - ᾱ_t) ε) / √α_t (equation 11)."""
    x, noise = torch.randn(2, 1000, dtype=torch.float64)
    step = LINEAR.at(EVERY)
    state = step.signal * x + step.noise * noise
    mean = (state - step.beta / step.noise * noise) / (1 - step.beta).sqrt()
    assert torch.allclose(mean, step.of_data * x + step.of_state * state, atol=1e-11)


def test_ddim_with_all_noise_is_ancestral_sampling_of_the_least_variance():
    x, data = torch.randn(2, 5, 3, dtype=torch.float64)
    for t in (1, 2, 500, 1000):
        step = LINEAR.at(t).beside(x)
        torch.manual_seed(t)
        a = DDIM(eta=1.0).step(x, data, step.log_least, step)
        torch.manual_seed(t)
        assert torch.allclose(a, Ancestral().step(x, data, step.log_least, step), atol=1e-12)


def test_steps_that_leave_out_others_keep_the_noise_levels():
    assert LINEAR.spaced(10) == [1000, 889, 778, 667, 556, 445, 334, 223, 112, 1, 0]
    assert LINEAR.spaced(1000) == [*range(1000, -1, -1)]
    assert LINEAR.spaced(1) == [1000, 0]
    for each, other in zip(LINEAR.between(7, 6), LINEAR.at(7), strict=True):
        assert torch.equal(each, other)
    step = LINEAR.between(500, 200)
    assert step.beta.item() == pytest.approx(1 - float(LINEAR.alpha_bars[500] / LINEAR.alpha_bars[200]))
    assert (step.of_data + step.of_state * step.signal).item() == pytest.approx(step.before.sqrt().item())


def test_other_numbers_of_steps_end_in_about_the_same_noise():
    assert NoiseChain(LinearBetas().alpha_bars(250)).at(torch.arange(1, 251)).beta.sum().item() == pytest.approx(10.05)


def test_little_is_left_of_the_data():
    """2.9e-5 bits a dimension, for |x_0| = 1."""
    end, zero = LINEAR.at(1000), torch.zeros((), dtype=torch.float64)
    kl = kl_between(end.signal, 2 * end.noise.log(), zero, zero)
    assert kl.item() == pytest.approx(2.018e-5, rel=1e-3)
    assert kl.item() / math.log(2) == pytest.approx(2.9e-5, rel=0.01)


@pytest.mark.parametrize(("mean", "log_variance"), [(0.3, -2.0), (0.99, -9.0), (-3.0, -6.0)])
def test_probabilities_of_all_levels_sum_to_one(mean, log_variance):
    levels = torch.linspace(-1, 1, 17, dtype=torch.float64)
    found = discretised(levels, torch.tensor(mean, dtype=torch.float64), torch.tensor(log_variance), 17)
    assert torch.isfinite(found).all()
    assert found.exp().sum().item() == pytest.approx(1, abs=1e-9)
