"""Facts of Miyato et al. (2018), table 3."""

import pytest
import torch

from gen_models.networks.critics.heads import Critic
from gen_models.networks.gan.sndcgan import SNDCGANBody, SNDCGANGenerator
from tests.waves import digest, fill, settle, waves


def count(network):
    return sum(p.numel() for p in network.parameters())


def test_parameters_of_the_table_at_32_pixels():
    """Layer by layer: dense to 4x4x512, three doublings, a 3x3 convolution; seven convolutions and a dense layer."""
    ups = sum(16 * i * o + 3 * o for i, o in [(512, 256), (256, 128), (128, 64)])
    assert count(SNDCGANGenerator((3, 32, 32), 128)) == 129 * 8192 + ups + 9 * 64 * 3 + 3 == 3_812_355
    widening = sum(9 * i * o + o for i, o in [(3, 64), (64, 128), (128, 256), (256, 512)])
    halving = sum(16 * c * c + c for c in (64, 128, 256))
    assert count(Critic(SNDCGANBody((3, 32, 32)))) == widening + halving + 8192 + 1 == 2_935_873


def test_the_sides_of_the_maps_are_the_tables():
    body, sides = SNDCGANBody((3, 48, 48), width=2), []
    for layer in body.layers:
        layer.register_forward_hook(lambda _, __, out: sides.append(out.shape[-1]))
    body(torch.zeros(1, 3, 48, 48))
    assert sides[:-1:2] == [48, 24, 24, 12, 12, 6, 6]
    assert SNDCGANGenerator((3, 48, 48), 8, width=2)(torch.zeros(2, 8)).shape == (2, 3, 48, 48)
    assert body.num_features == 16 * 36


def test_no_activation_follows_the_first_layer():
    generator = SNDCGANGenerator((1, 8, 8), 4, width=2)
    names = [type(layer).__name__ for layer in generator.layers[:3]]
    assert names == ["Linear", "Unflatten", "Sequential"]
    assert generator.layers[0].weight.std().item() == pytest.approx(0.02, rel=0.3)


@torch.no_grad()
def test_pictures_and_logits_are_those_of_the_authors_program():
    """Their layers in the order of table 3, which differs from their networks where the docstrings say so."""
    generator = SNDCGANGenerator((3, 32, 32), 7, width=2)
    critic = Critic(SNDCGANBody((3, 32, 32), width=2), spectral=True)
    fill(generator)
    fill(critic)
    settle(critic)
    # source: pfnet-research/chainer-gan-lib cf9efba, common/net.py: DCGANGenerator and SNDCGANDiscriminator, common/sn
    expected = [-0.197722, -0.026092, -0.266572, -0.066130, 0.496761, 0.600300]
    assert digest(generator(waves(6, 7, shift=0.25))) == pytest.approx(expected, abs=1e-4)
    expected = [-0.129845, -0.234862, -0.299372, -0.204931, 0.217009, 0.000571]
    assert digest(critic(30 * waves(6, 3, 32, 32, shift=0.25))) == pytest.approx(expected, abs=1e-5)
