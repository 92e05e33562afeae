import math

import pytest
import torch

from gen_models.media.pictures import grid
from gen_models.media.pixels import dequantised, from_levels, log_bin, nearest_level, rounded, to_levels, to_unit_range


@pytest.mark.parametrize("levels", [2, 17, 256])
def test_levels_survive_the_way_to_bytes_and_back(levels):
    index = torch.arange(levels)
    as_bytes = (index * 255 / (levels - 1)).round().to(torch.uint8)
    assert torch.equal(to_levels(to_unit_range(as_bytes), levels), index)
    assert torch.equal(to_levels(from_levels(index, levels), levels), index)


def test_dequantised_pixels_fill_their_bins():
    torch.manual_seed(0)
    x = from_levels(torch.full((20_000,), 3), 4)
    spread = dequantised(x, 4)
    assert 0.5 <= spread.min() < 0.501
    assert 0.999 < spread.max() <= 1
    assert math.isclose(math.exp(log_bin(4)), 0.5)


def test_rounding_lets_gradients_pass():
    x = torch.tensor([-1.0, 0.3, 0.9999]).requires_grad_()
    seen = rounded(x)
    assert seen.tolist() == [0, 166, 255]
    seen.sum().backward()
    assert x.grad.tolist() == [127.5] * 3


def test_no_number_has_no_level():
    found = nearest_level(torch.tensor([float("nan"), float("inf"), -3.0, 0.001]), 256)
    assert found[0].isnan()
    assert found[1:3].tolist() == [1.0, -1.0]
    assert found[3] == pytest.approx(1 / 255, rel=1e-4)


def test_a_picture_is_no_wider_than_what_it_shows():
    images = torch.zeros(3, 1, 4, 4)
    assert torch.equal(grid(images, columns=9), grid(images, columns=3))
