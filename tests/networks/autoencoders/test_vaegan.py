"""Facts of table 1 of Larsen et al. (2016), https://arxiv.org/abs/1512.09300."""

import pytest
import torch

from gen_models.networks import VAEGANCritic, VAEGANDecoder, VAEGANEncoder

FACES = (3, 64, 64)


def parameters(net):
    return sum(p.numel() for p in net.parameters())


def test_the_published_networks_have_the_weights_of_the_table():
    norm = 2  # a gain and a bias for each channel
    encoder = 25 * (3 * 64 + 64 * 128 + 128 * 256) + norm * (64 + 128 + 256) + 8 * 8 * 256 * 1024 + norm * 1024
    start = 128 * 8 * 8 * 256 + norm * 8 * 8 * 256
    decoder = start + 25 * (256 * 256 + 256 * 128 + 128 * 32 + 32 * 3) + norm * (256 + 128 + 32) + 3
    critic = 25 * (3 * 32 + 32 * 128 + 128 * 256 + 256 * 256) + 32 + norm * (128 + 256 + 256)
    critic += 8 * 8 * 256 * 512 + norm * 512 + 512 + 1
    assert parameters(VAEGANEncoder(FACES)) == encoder
    assert parameters(VAEGANDecoder(FACES, 128)) == decoder
    assert parameters(VAEGANCritic(FACES)) == critic


def test_faces_are_compared_in_16384_features():
    critic, x, y = VAEGANCritic(FACES, classes=2), torch.randn(4, *FACES), torch.tensor([0, 1, 0, 1])
    features, logits = critic.features(x, y), critic(x, y)
    assert features.shape == (4, 16384)
    assert logits.shape == (4,)


@pytest.mark.parametrize("side", [8, 28, 30, 32, 45])
def test_images_of_any_side_are_restored_at_their_size(side):
    shape = (1, side, side)
    codes = VAEGANEncoder(shape, [4, 8], hidden=6)(torch.randn(3, *shape))
    assert codes.shape == (3, 6)
    assert VAEGANDecoder(shape, 6, [8, 4, 4])(codes).shape == (3, *shape)
    assert VAEGANCritic(shape, [4, 4, 8], hidden=6)(torch.randn(3, *shape)).shape == (3,)


def test_features_are_in_units_of_their_spread_whatever_the_weights():
    torch.manual_seed(0)
    critic, x = VAEGANCritic((1, 16, 16), [4, 4, 8], hidden=6), torch.randn(64, 1, 16, 16)
    features = critic.features(x)
    with torch.no_grad():
        critic.body[-1].weight.mul_(100)
    assert features.var(0).mean().item() == pytest.approx(1, rel=1e-4)
    assert torch.allclose(critic.features(x), features, rtol=1e-3, atol=1e-4)


def test_images_that_can_not_be_halved_so_often_are_refused():
    with pytest.raises(ValueError, match="28 pixels a side can't be halved 5 times"):
        VAEGANEncoder((1, 28, 28), [1, 1, 1, 1, 1])
    with pytest.raises(ValueError, match="square images"):
        VAEGANCritic((1, 28, 14))
