"""Networks between pictures and maps: the published sizes, and any number of halvings."""

import math

import pytest
import torch

from gen_models.networks.tokenisers.levels import TwoLevelMaps
from gen_models.networks.tokenisers.maps import MapDecoder, MapEncoder


def test_the_published_networks_have_the_authors_weights():
    """source: google-deepmind/sonnet examples/vqvae_example.ipynb, layer by layer."""
    encoder = [3 * 64 * 16 + 64, 64 * 128 * 16 + 128, 128 * 128 * 9 + 128, 128 * 64 + 64]
    decoder = [64 * 128 * 9 + 128, 128 * 64 * 16 + 64, 64 * 3 * 16 + 3]
    residual = 2 * (128 * 32 * 9 + 32 + 32 * 128 + 128)
    for kind, layers in ((MapEncoder, encoder), (MapDecoder, decoder)):
        assert sum(p.numel() for p in kind(shape=(3, 32, 32)).parameters()) == sum(layers) + residual


@pytest.mark.parametrize(("shape", "halvings"), [((1, 8, 8), 2), ((3, 20, 36), 1), ((2, 16, 24), 3)], ids=str)
def test_sides_are_halved_and_doubled_again(shape, halvings):
    sizes = {"size": 5, "width": 8, "hidden": 4, "halvings": halvings}
    encoder, decoder = MapEncoder(shape=shape, **sizes), MapDecoder(shape=shape, **sizes)
    z = encoder(torch.randn(2, *shape))
    assert z.shape == (2, 5, *encoder.grid)
    assert encoder.grid == tuple(side // 2**halvings for side in shape[1:])
    assert decoder(z).shape == (2, *shape)


def test_one_halving_goes_straight_from_all_features_to_the_picture():
    decoder = MapDecoder(shape=(1, 8, 8), width=8, halvings=1)
    assert [tuple(layer.weight.shape) for layer in decoder.up] == [(8, 1, 4, 4)]
    assert decoder.last is decoder.up[0].weight


def test_pictures_that_can_not_be_halved_and_points_are_refused():
    with pytest.raises(ValueError, match="28 and 28 pixels can't be halved 3 times: change data.size"):
        MapEncoder(shape=(1, 28, 28), halvings=3)
    with pytest.raises(ValueError, match="use data=digits"):
        MapDecoder(shape=(2,))


@pytest.mark.parametrize("kind", [MapEncoder, MapDecoder, TwoLevelMaps])
def test_convolutions_start_as_the_authors_library_has_them(kind):
    """source: google-deepmind/sonnet, conv.py: TruncatedNormal(1 / sqrt(fan in)), also of transposed ones."""
    torch.manual_seed(0)
    convs = [layer for layer in kind(shape=(3, 32, 32)).modules() if hasattr(layer, "kernel_size")]
    assert len(convs) >= 7
    for layer in convs:
        spread = 1 / math.sqrt(layer.in_channels * math.prod(layer.kernel_size))
        assert layer.weight.std().item() == pytest.approx(0.8796 * spread, rel=0.06)
        assert layer.weight.abs().max().item() <= 2 * spread
        assert not layer.bias.any()
