from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d

from gen_models.networks.critics.heads import ProjectionCritic
from gen_models.networks.gan import biggan_deep
from gen_models.networks.gan.biggan_deep import BigGANDeepBody, BigGANDeepGenerator, DeepCriticBlock, DeepGeneratorBlock
from tests.waves import digest, fill, settle, waves

X = torch.randn(2, 8, 6, 6)


def test_the_networks_for_imagenet_have_the_published_sizes(monkeypatch):
    """50.4 and 34.6 million at 128 pixels (appendix B), with 125 output channels that the authors throw away."""
    for slow in ("orthogonal", "normalise_spectrally"):
        monkeypatch.setattr(biggan_deep, slow, lambda net: None)
    with torch.device("meta"):
        generator = BigGANDeepGenerator((3, 128, 128), 128, 128, 1000)
        critic = ProjectionCritic(BigGANDeepBody((3, 128, 128), 128), 1000)
    counts = [sum(p.numel() for p in net.parameters()) for net in (generator, critic)]
    assert counts == [pytest.approx(50.4e6 - 125 * (9 * 128 + 1), rel=1e-3), pytest.approx(34.6e6, rel=1e-3)]


def test_the_generators_shortcut_drops_channels_and_touches_no_other():
    block = DeepGeneratorBlock(8, 4, partial(nn.Linear, 3), up=True)
    nn.init.zeros_(block.convs[-1].weight)
    expected = X[:, :4].repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.equal(block(X, torch.randn(2, 3)), expected)


def test_the_critics_shortcut_appends_channels_and_touches_no_other():
    block = DeepCriticBlock(8, 12, down=True)
    nn.init.zeros_(block.last.weight)
    result = block(X)
    torch.testing.assert_close(result[:, :8], avg_pool2d(X, 2))
    torch.testing.assert_close(result[:, 8:], avg_pool2d(block.missing(X), 2))


def test_the_whole_latent_reaches_every_block():
    generator = BigGANDeepGenerator((1, 16, 16), 6, width=2, classes=3, embedding=4).eval()
    heard = []
    for stage in generator.ascent.stages:
        for block in (stage.keep, stage.rise):
            block.norms[0].register_forward_hook(lambda _, args, __: heard.append(args[1]))
    z, y = torch.randn(2, 6), torch.tensor([2, 0])
    generator(z, y)
    assert len(heard) == 4
    assert all(torch.equal(condition, torch.cat([z, generator.embed(y)], 1)) for condition in heard)


@torch.no_grad()
def test_pictures_and_logits_are_those_of_the_authors_program():
    """Their condition is class and latent, ours latent and class: they were given ours with its columns exchanged."""
    generator = BigGANDeepGenerator((3, 32, 32), 5, width=2, classes=3, embedding=3, attention=None)
    critic = ProjectionCritic(BigGANDeepBody((3, 64, 64), width=4, attention=None), classes=3, spectral=True)
    for network in (generator, critic):
        fill(network)
        settle(network)
    y = torch.arange(6) % 3
    # source: ajbrock/BigGAN-PyTorch 9845943, BigGANdeep.py: Generator and Discriminator
    expected = [-0.397278, -0.125591, -0.176768, -0.068911, 0.427140, -1.110515]
    assert digest(generator(waves(6, 5, shift=0.25), y)) == pytest.approx(expected, abs=1e-4)
    expected = [1.419535, 2.304382, 4.775493, 2.828547, 3.144457, -0.106348]
    assert digest(critic(waves(6, 3, 64, 64, shift=0.25), y)) == pytest.approx(expected, abs=1e-4)
