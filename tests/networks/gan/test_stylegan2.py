"""Facts of Karras et al. (2020), and of the authors' program, NVlabs/stylegan2-ada-pytorch."""

import pytest
import torch

from gen_models.networks.gan.stylegan2 import StyledLayer, StyleGAN2Generator
from gen_models.networks.gan.stylegan2_critic import StyleGAN2Body, StyleGAN2Critic
from gen_models.networks.gan.stylegan2_layers import FILTER, ModulatedConv, StyleLinear, StyleMapping
from gen_models.networks.layers.resampling import Double, Filter, Halve
from tests.waves import digest, fill, waves


def count(network):
    return sum(p.numel() for p in network.parameters())


@torch.no_grad()
def filled(network):
    """Weights and noise as waves, so that the mapping's layers are as strong as the others."""
    fill(network, spread=1.0)
    for module in network.modules():
        if isinstance(module, StyleLinear):
            module.weight.div_(module.rate)
        if isinstance(module, StyledLayer):
            module.noise.copy_(waves(*module.noise.shape))
    return network.eval()


@pytest.mark.parametrize(
    ("side", "base", "depth", "residual", "classes", "expected"),
    [
        (32, 32768, 2, False, 0, (19_947_539, 20_720_641)),
        (32, 32768, 2, False, 10, (20_215_315, 23_089_664)),
        (256, 16384, 8, True, 0, (24_767_458, 24_001_089)),
        (1024, 32768, 8, True, 0, (30_370_060, 29_012_513)),
    ],
)
def test_weights_are_those_of_the_authors_presets(side, base, depth, residual, classes, expected):
    shape = (3, side, side)
    with torch.device("meta"):
        generator = StyleGAN2Generator(shape, 512, base=base, depth=depth, classes=classes)
        critic = StyleGAN2Critic(StyleGAN2Body(shape, base, residual=residual), classes)
    assert (count(generator), count(critic)) == expected


@torch.no_grad()
def test_a_demodulated_map_has_unit_variance():
    made = ModulatedConv(64, 256, 3, 8)(torch.randn(8, 64, 16, 16), torch.randn(8, 8))
    assert made[:, :, 1:-1, 1:-1].std().item() == pytest.approx(1, rel=0.03)


@torch.no_grad()
@pytest.mark.parametrize("up", [False, True])
def test_demodulation_takes_the_scale_of_the_style_away(up):
    conv, x, w = ModulatedConv(16, 8, 3, 4, up), torch.randn(2, 16, 8, 8), torch.randn(2, 4)
    made = conv(x, w)
    assert made.shape[2] == (16 if up else 8)
    conv.affine.weight.mul_(7)
    conv.affine.bias.mul_(7)
    torch.testing.assert_close(conv(x, w), made, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("resample", [Double(FILTER), Halve(FILTER), Filter(FILTER, 2)])
def test_filters_keep_a_constant(resample):
    inner = resample(torch.full((1, 2, 12, 12), 3.0))[:, :, 2:-2, 2:-2]
    torch.testing.assert_close(inner, torch.full_like(inner, 3.0))


def test_a_mapping_is_blind_to_the_length_of_a_latent_and_follows_its_styles():
    mapping = StyleMapping(4, 6, 2)
    z = torch.randn(50, 4)
    w = mapping(z)
    torch.testing.assert_close(mapping(3 * z), w)
    mapping.observe(w)
    torch.testing.assert_close(mapping.mean, 0.005 * w.mean(0))


def test_styles_are_mixed_in_training_only():
    generator = StyleGAN2Generator((1, 16, 16), 4, 6, 64, 8, 2, mixing=1.0)
    z = torch.randn(3, 4)
    mixed = generator.styles(z)
    assert mixed.shape == (3, generator.layers, 6) == (3, 6, 6)
    assert not torch.equal(mixed[:, 0], mixed[:, -1])
    plain = generator.eval().styles(z)
    assert torch.equal(plain[:, 0], plain[:, -1])
    torch.testing.assert_close(plain[:, 0], mixed[:, 0])
    assert torch.equal(generator(z), generator(z)), "the noise is always the same"
    generator.train().mixing = 0.0
    assert torch.equal(generator.styles(z)[:, 0], generator.styles(z)[:, -1])


@torch.no_grad()
@pytest.mark.parametrize(
    ("classes", "residual", "pictures", "logits"),
    [
        (
            *(0, True),
            [-0.136836, -0.125660, -0.134752, -0.024042, 0.203934, -0.256469],
            [-0.088813, -0.086356, -0.086539, -0.088210, 0.088231, -0.028970],
        ),
        (
            *(3, False),
            [-0.027964, -0.039800, -0.007087, 0.040757, 0.204546, 0.073505],
            [-0.001301, -0.004476, -0.011625, -0.004671, 0.006295, -0.001509],
        ),
    ],
)
def test_pictures_and_logits_are_those_of_the_authors_program(classes, residual, pictures, logits):
    generator = filled(StyleGAN2Generator((3, 16, 16), 5, 6, 64, 8, 2, classes=classes))
    critic = filled(StyleGAN2Critic(StyleGAN2Body((3, 16, 16), 64, 8, residual), classes))
    y = torch.tensor([1, 0, 2, 1])
    # source: NVlabs/stylegan2-ada-pytorch d72cc7d, training/networks.py, noise_mode const, one-hot classes
    assert digest(generator(waves(4, 5, shift=0.25), y)) == pytest.approx(pictures, abs=1e-5)
    assert digest(critic(waves(4, 3, 16, 16, shift=0.25), y)) == pytest.approx(logits, abs=1e-5)
