import pytest
import torch

from gen_models.metrics.diversity import ms_ssim, settings


@pytest.mark.parametrize(("side", "expected"), [(8, (0.5, 1)), (28, (1.5, 2)), (32, (1.5, 2)), (64, (1.5, 3))])
def test_small_images_have_fewer_scales(side, expected):
    assert settings(side) == expected
    x = torch.rand(3, 1, side, side) * 2 - 1
    assert torch.allclose(ms_ssim(x, x), torch.ones(3), atol=1e-4)


def test_noise_is_less_alike_the_more_of_it_there_is():
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 32).expand(4, 3, 32, 32)
    near, far = (ms_ssim(x, (x + size * torch.randn_like(x)).clamp(-1, 1)).mean() for size in (0.1, 0.8))
    assert 0.6 < near < 1
    assert far < 0.4
