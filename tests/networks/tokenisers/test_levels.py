"""Networks of VQ-VAE-2: the weights of the port that others use, and pictures with one halving too few."""

import pytest
import torch

from gen_models.networks.tokenisers.levels import TwoLevelMaps


def test_the_networks_have_the_weights_of_the_common_port():
    """source: rosinality/vq-vae-2-pytorch ef5f67c vqvae.py, without its codebooks, which are buffers there, too."""
    with torch.device("meta"):
        assert sum(p.numel() for p in TwoLevelMaps(shape=(3, 256, 256)).parameters()) == 1_388_867
        wide = TwoLevelMaps(shape=(3, 256, 256), hidden=64)
        assert sum(p.numel() for p in wide.parameters()) == 1_388_867 + 8 * 32 * (128 * 9 + 1 + 128), "as published"


def test_maps_have_a_half_and_a_quarter_of_the_sides():
    maps = TwoLevelMaps(shape=(1, 16, 24), size=3, width=4, hidden=2, blocks=1, halvings=1)
    features = maps.features(torch.randn(2, 1, 16, 24))
    top = maps.coarse(features)
    bottom = maps.fine(features, top)
    assert (top.shape[1:], bottom.shape[1:]) == ((3, *maps.grids[0]), (3, *maps.grids[1])) == ((3, 4, 6), (3, 8, 12))
    assert maps.decode(top, bottom).shape == (2, 1, 16, 24)


def test_sides_that_can_not_be_halved_once_more_are_refused():
    with pytest.raises(ValueError, match="7 and 7 pixels can't be halved 1 times"):
        TwoLevelMaps(shape=(1, 28, 28), halvings=2)
