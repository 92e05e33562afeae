"""Facts of Radford et al. (2016)."""

import pytest
import torch

from gen_models.networks.critics.heads import Critic
from gen_models.networks.gan.dcgan import DCGANBody, DCGANGenerator
from tests.waves import digest, fill, waves


def count(network):
    return sum(p.numel() for p in network.parameters())


def test_parameters_of_the_published_networks():
    """64 pixels, width 64, 4x4 kernels: the counts of the PyTorch example's port, derived layer by layer."""
    generator = DCGANGenerator((3, 64, 64), 100, width=64, bias=False)
    critic = Critic(DCGANBody((3, 64, 64), width=64, bias=False), bias=False)
    up = sum(16 * i * o + 2 * o for i, o in [(512, 256), (256, 128), (128, 64)])
    assert count(generator) == 100 * 512 * 16 + 2 * 512 + up + 16 * 64 * 3 == 3_576_704
    down = sum(16 * i * o + 2 * o for i, o in [(64, 128), (128, 256), (256, 512)])
    assert count(critic) == 16 * 3 * 64 + down + 512 * 16 == 2_765_568


def test_parameters_of_the_authors_networks():
    """Newmu/dcgan_code, faces/train_uncond_dcgan.py: the sizes of gen_params and discrim_params, 128 channels, 5x5."""
    generator = DCGANGenerator((3, 64, 64), 100, width=128, kernel=5, bias=False, first="feature")
    critic = Critic(DCGANBody((3, 64, 64), width=128, kernel=5, bias=False), bias=False)
    assert count(generator) == 18_885_760
    assert count(critic) == 17_232_768
    assert critic.head.weight.std().item() == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize(("first", "position", "dims"), [("channel", 1, (0, 2, 3)), ("feature", 0, 0)])
def test_the_first_normalisation_has_statistics_of_each_channel_or_feature(first, position, dims):
    generator, seeds = DCGANGenerator((1, 8, 8), 5, width=4, first=first), []
    generator.first[position].register_forward_hook(lambda *hooked: seeds.append(hooked[2]))
    generator(100 * torch.randn(64, 5))
    gains = generator.first.get_submodule("0").weight
    assert torch.allclose(seeds[0].std(dims, correction=0), gains, atol=1e-2)


def test_old_weights_of_the_first_normalisation_have_their_place():
    assert {"first.0.weight", "first.0.running_mean"} <= DCGANGenerator((1, 8, 8), 5, width=4).state_dict().keys()


@pytest.mark.parametrize("kernel", [4, 5])
def test_weights_start_small_and_sizes_double(kernel):
    generator = DCGANGenerator((1, 28, 28), 10, width=16, kernel=kernel)
    assert generator(torch.randn(2, 10)).shape == (2, 1, 28, 28)
    assert generator.project.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert DCGANBody((1, 28, 28), width=16, kernel=kernel)(torch.zeros(2, 1, 28, 28)).shape == (2, 32 * 7 * 7)


def test_networks_of_wgan_gp_have_the_authors_sizes_and_start():
    """igul222/improved_wgan_training, gan_cifar.py: DIM 128, 5x5, He's uniform start, Glorot's in linear layers.

    The generator lacks the biases that batch norms take out again: 8,192 + 256 + 128.
    """
    generator = DCGANGenerator((3, 32, 32), 128, width=128, kernel=5, first="feature", start="he")
    critic = Critic(DCGANBody((3, 32, 32), width=128, kernel=5, norm=False, start="he"))
    ups = sum(25 * i * o + 3 * o for i, o in [(512, 256), (256, 128)])
    assert count(generator) == 129 * 8192 + 2 * 8192 + ups + 25 * 128 * 3 + 3 - (8192 + 256 + 128)
    assert count(critic) == sum(25 * i * o + o for i, o in [(3, 128), (128, 256), (256, 512)]) + 8193
    second = [layer for layer in critic.modules() if isinstance(layer, torch.nn.Conv2d)][1]
    assert second.weight.std().item() == pytest.approx((4 / (25 * 128 + 25 * 256 / 4)) ** 0.5, rel=0.01)
    up = next(layer for layer in generator.modules() if isinstance(layer, torch.nn.ConvTranspose2d))
    assert up.weight.std().item() == pytest.approx((4 / (25 * 512 / 4 + 25 * 256)) ** 0.5, rel=0.01)
    assert critic.head.weight.std().item() == pytest.approx((2 / 8193) ** 0.5, rel=0.05)
    assert critic.head.bias.item() == 0


def test_pictures_and_logits_are_those_of_the_authors_program():
    """Their convolutions turn kernels by half, so they were given ours turned; they add 1e-8 to variances, not 1e-5."""
    generator = DCGANGenerator((3, 64, 64), 7, width=2, kernel=5, bias=False, first="feature")
    critic = Critic(DCGANBody((3, 64, 64), width=2, kernel=5, bias=False), bias=False)
    fill(generator)
    fill(critic)
    # source: Newmu/dcgan_code ee12b2d, faces/train_uncond_dcgan.py: gen and discrim, lib/ops.py
    expected = [0.021458, -0.168110, 0.034886, 0.020651, 0.268341, 0.174436]
    assert digest(generator(waves(6, 7, shift=0.25))) == pytest.approx(expected, abs=1e-4)
    expected = [-0.968245, 0.414368, 0.405536, 0.277442, 0.751329, -0.521591]
    assert digest(critic(waves(6, 3, 64, 64, shift=0.25))) == pytest.approx(expected, abs=1e-4)


def test_networks_of_wgan_gp_give_what_the_authors_program_gives():
    """Theirs pads one pixel before and two behind, ours two and two: one is the mirror image of the other."""
    generator = DCGANGenerator((3, 32, 32), 128, width=2, kernel=5, first="feature", start="he")
    critic = Critic(DCGANBody((3, 32, 32), width=2, kernel=5, norm=False, start="he"))
    fill(generator)
    fill(critic)
    # source: igul222/improved_wgan_training fa66c57, gan_cifar.py: Generator and Discriminator, with mirrored kernels
    expected = [0.054937, 0.106310, 0.075626, 0.014170, 0.269101, 0.267954]
    assert digest(generator(waves(6, 128, shift=0.25)).flip(2, 3)) == pytest.approx(expected, abs=1e-5)
    expected = [0.072282, -0.064809, -0.195150, -0.054790, 0.142656, 0.125083]
    assert digest(critic(waves(6, 3, 32, 32, shift=0.25))) == pytest.approx(expected, abs=1e-5)


def test_networks_of_wgan_give_what_the_authors_program_gives():
    generator = DCGANGenerator((3, 32, 32), 7, width=2, kernel=4, bias=False)
    critic = Critic(DCGANBody((3, 32, 32), width=2, kernel=4, bias=False), bias=False)
    fill(generator)
    fill(critic)
    # source: martinarjovsky/WassersteinGAN f7a01e8, models/dcgan.py: DCGAN_G and DCGAN_D, before its mean
    expected = [-0.070220, -0.000494, -0.011802, 0.008289, 0.231031, 0.049601]
    assert digest(generator(waves(6, 7, shift=0.25))) == pytest.approx(expected, abs=1e-5)
    expected = [-0.266144, -0.075905, -0.559411, -0.403966, 0.769340, 0.782833]
    assert digest(critic(waves(6, 3, 32, 32, shift=0.25))) == pytest.approx(expected, abs=1e-5)
