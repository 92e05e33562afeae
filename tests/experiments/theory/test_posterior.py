"""The optimal denoiser, of points and of Gaussians."""

import numpy as np
import pytest
import torch

from gen_models.data.mixture import Mixture
from gen_models.diffusion.preconditioning import preconditioning
from gen_models.experiments.theory.posterior import perfect_path, posterior_mean

POINTS = Mixture(np.array([[-0.7, 0.4], [0.8, 0.5], [0.1, -0.9]]), np.full(3, 1 / 3), 0.0)
CENTRES = torch.as_tensor(POINTS.centres)


@pytest.mark.parametrize(("sigma", "expected"), [(1e-3, CENTRES), (1e3, CENTRES.mean(0).expand(3, 2))])
def test_it_is_the_nearest_point_of_little_noise_and_the_mean_of_much(sigma, expected):
    found = posterior_mean(POINTS, CENTRES + 0.3 * sigma, torch.full((3,), sigma).double())
    assert torch.allclose(found, expected, atol=1e-3)


def test_it_minimises_the_squared_error():
    torch.manual_seed(0)
    data, sigma = Mixture(np.array([[-0.5], [0.6]]), np.array([0.3, 0.7]), 0.1), torch.full((100_000,), 0.4)
    x = torch.as_tensor(data.draw(100_000, np.random.RandomState(0))[0])
    noisy = x + 0.4 * torch.randn_like(x)
    residual = x - posterior_mean(data, noisy, sigma)
    for direction in (torch.ones_like(x), noisy, noisy.tanh(), (5 * noisy).sin()):
        assert float((residual * direction).mean()) == pytest.approx(0, abs=0.003)


@pytest.mark.parametrize("sigma", [0.002, 0.5, 80.0])
def test_of_gaussian_data_its_weighted_loss_is_one(sigma):
    torch.manual_seed(0)
    data, level = Mixture(np.zeros((1, 1)), np.ones(1), 0.5), torch.full((100_000,), sigma).double()
    x = 0.5 * torch.randn(100_000, 1).double()
    noisy = x + sigma * torch.randn_like(x)
    c = preconditioning(level[:1], torch.tensor(0.5).double())
    denoised = posterior_mean(data, noisy, level)
    assert torch.allclose(denoised, c.skip * noisy)  # the silent network's
    assert float((c.weight * (denoised - x).square()).mean()) == pytest.approx(1, abs=0.02)


def test_18_levels_end_on_the_points_and_on_each_as_often():
    z = torch.randn(3000, 2, generator=torch.Generator().manual_seed(0)).double()
    path = perfect_path(POINTS, z, 18, 0.002, 80.0)
    assert len(path) == 19
    nearest, which = torch.cdist(path[-1], CENTRES, compute_mode="donot_use_mm_for_euclid_dist").min(1)
    assert float((nearest < 1e-6).double().mean()) > 0.995
    assert torch.bincount(which).div(3000).tolist() == pytest.approx([1 / 3] * 3, abs=0.03)
