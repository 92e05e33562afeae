"""Identities of DDPM's posterior, its constants, and the floor of its loss."""

import pytest
import torch

from gen_models.diffusion.betas import CosineBetas, LinearBetas
from gen_models.diffusion.chain import NoiseChain
from gen_models.experiments.theory.diffusion_chain import largest_error, noise_floor


@pytest.mark.parametrize("betas", [LinearBetas(), CosineBetas()])
def test_the_identities_of_the_posterior_hold_at_every_step(betas):
    chain = NoiseChain(betas.alpha_bars(1000))
    assert largest_error(chain) < 1e-9
    off = NoiseChain(chain.alpha_bars)
    off._table[5] *= 1.001  # of_state
    assert largest_error(off) > 1e-4


def test_constants_of_the_linear_chain():
    alpha_bars = LinearBetas().alpha_bars(1000)
    assert float(alpha_bars[-1]) == pytest.approx(4.0358e-5, rel=1e-4)
    assert float(alpha_bars[-1] / (1 - alpha_bars[-1])) == pytest.approx(4.036e-5, rel=1e-3)


def test_no_prediction_of_the_noise_is_better_than_the_floor():
    torch.manual_seed(0)
    share, std = torch.tensor(0.3), 0.5
    noise = torch.randn(200_000)
    x = share.sqrt() * std * torch.randn(200_000) + (1 - share).sqrt() * noise
    slope = float((x @ noise) / (x @ x))
    assert float((noise - slope * x).square().mean()) == pytest.approx(float(noise_floor(share, std)), rel=0.01)
