"""Sides and channels of maps, as papers and authors' programs have them."""

import pytest

from gen_models.networks.layers.sizes import map_channels, map_sides


@pytest.mark.parametrize(
    ("side", "base", "limit", "expected"),
    [
        (1024, 16 * 1024, 512, [512, 512, 512, 512, 256, 128, 64, 32, 16]),  # Karras et al. (2018), table 2
        (256, 32768, 512, [512, 512, 512, 512, 512, 256, 128]),  # StyleGAN2, appendix B
        (64, 768 * 32, 768, [768, 768, 768, 768, 384]),  # R3GAN, FFHQ-64
        (28, 32 * 28, 64, [64, 64, 32]),
    ],
)
def test_channels_halve_where_sides_double(side, base, limit, expected):
    assert map_channels(map_sides((3, side, side)), base, limit) == expected
