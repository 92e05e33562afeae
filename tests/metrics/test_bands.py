"""Octaves of a picture, and who changes them."""

import pytest
import torch
from torch.nn.functional import interpolate

from gen_models.metrics.bands import band_energies, band_sides, isolation


def test_bands_add_up_to_the_picture_and_each_doubling_is_one():
    torch.manual_seed(0)
    images = torch.randn(3, 2, 32, 32)
    energies = band_energies(images)
    assert energies.shape == (3, 4)
    torch.testing.assert_close(energies.sum(1), images.square().flatten(1).mean(1))
    for band, side in enumerate(band_sides(32)):
        blocks = torch.randn(1, 2, side, side)
        shown = band_energies(interpolate(blocks, size=32))[0]
        assert shown[band] > 0
        assert (shown[band + 1 :] == 0).all()
    assert band_sides(28) == [7, 14, 28]


def test_isolation_is_what_the_code_tells_of_the_band():
    assert isolation(torch.eye(4)) == pytest.approx(1)
    assert isolation(torch.eye(4).repeat(3, 1)) == pytest.approx(1)
    assert isolation(torch.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])) == pytest.approx(0, abs=1e-6)
    half = torch.tensor([[1.0, 0.0], [0.5, 0.5]])
    assert 0 < isolation(half) < 1
    assert isolation(half) == pytest.approx(isolation(half.flip(0)))
