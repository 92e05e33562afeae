"""Networks of VQGAN: the authors' weights and numbers, and what is refused."""

import pytest
import torch

from gen_models.networks.tokenisers.vqgan import VQGANDecoder, VQGANEncoder
from tests.waves import digest, fill, waves

COUNTS = {VQGANEncoder: 29_298_176 + 65_792, VQGANDecoder: 42_449_795 + 65_792}
"""source: CompVis/taming-transformers 3ba01b2 taming/modules/diffusionmodules/model.py,
with configs/imagenet_vqgan.yaml and the 1x1 convolutions of taming/models/vqgan.py"""


@pytest.mark.parametrize("kind", COUNTS)
def test_the_published_networks_have_the_authors_weights(kind):
    with torch.device("meta"):
        assert sum(p.numel() for p in kind(shape=(3, 256, 256)).parameters()) == COUNTS[kind]


@pytest.mark.parametrize(
    ("kind", "sides", "expected"),
    [
        (VQGANEncoder, (3, 16, 16), (0.0496067, -0.0059245, 0.1023850, 0.0281145, 0.4997701, 0.1423116)),
        (VQGANDecoder, (6, 8, 8), (-0.2046048, 0.0525420, 0.0138441, -0.2543613, 0.5602947, -0.6214784)),
    ],
)
def test_they_compute_what_the_authors_do(kind, sides, expected):
    """source: CompVis/taming-transformers 3ba01b2 taming/modules/diffusionmodules/model.py, four channels a group."""
    network = kind(shape=(3, 16, 16), size=6, width=32, multipliers=(1, 2), blocks=2, attention=(8,))
    fill(network)
    assert digest(network(waves(2, *sides))) == pytest.approx(expected, abs=2e-6)


def test_attention_is_at_the_smallest_map_alone_unless_more_is_asked():
    def count(attention):
        network = VQGANEncoder(shape=(1, 16, 16), width=8, multipliers=(1, 1), blocks=1, attention=attention)
        return sum(type(layer).__name__ == "SpatialAttention" for layer in network.layers)

    assert [count(()), count((8,)), count((16, 8))] == [1, 2, 3]


def test_sides_that_can_not_be_halved_are_refused():
    with pytest.raises(ValueError, match="28 and 28 pixels can't be halved 3 times"):
        VQGANEncoder(shape=(1, 28, 28), multipliers=(1, 1, 1, 1))
