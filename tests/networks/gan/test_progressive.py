"""Facts of Karras et al. (2018) about networks that grow."""

import math

import pytest
import torch

from gen_models.networks.gan.equalised import (
    EqualisedConv,
    EqualisedLinear,
    EqualisedSeed,
    MinibatchDeviation,
    PixelNorm,
)
from gen_models.networks.gan.growing import doubled, halved
from gen_models.networks.gan.progressive import ProgressiveCritic, ProgressiveGenerator
from gen_models.networks.gan.progressive_classifier import ProgressiveClassifier
from tests.waves import digest, fill, waves

SHAPE = (3, 16, 16)


@pytest.fixture
def pair():
    torch.manual_seed(0)
    return ProgressiveGenerator(SHAPE, 8, width=4, limit=8), ProgressiveCritic(SHAPE, width=4, limit=8)


def grown(pair, stage, alpha):
    for network in pair:
        network.grow(stage, alpha)
    return pair


@pytest.mark.parametrize("stage", [1, 2])
def test_a_block_that_comes_changes_nothing_at_first(pair, stage):
    z, x = torch.randn(4, 8), torch.randn(4, 3, 4 * 2**stage, 4 * 2**stage)
    generator, critic = grown(pair, stage - 1, 1.0)
    picture, logits = generator(z), critic(halved(x))
    generator, critic = grown(pair, stage, 0.0)
    assert torch.equal(generator(z), doubled(picture))
    assert torch.allclose(critic(x), logits, atol=1e-6)
    generator, critic = grown(pair, stage, 0.5)
    assert not torch.allclose(generator(z), doubled(picture), atol=1e-2)


def test_once_it_is_there_the_layers_that_it_replaced_get_no_gradient(pair):
    for alpha, learns in ((0.5, True), (1.0, False)):
        generator, critic = grown(pair, 2, alpha)
        critic(generator(torch.randn(4, 8))).sum().backward()
        for layers in (generator.to_rgb, critic.from_rgb):
            assert (layers[1].weight.grad is not None) == learns
            assert layers[0].weight.grad is None
            assert layers[2].weight.grad.abs().sum() > 0
        generator.zero_grad(), critic.zero_grad()


def test_data_look_as_pictures_of_the_stage_do(pair):
    generator, critic = grown(pair, 1, 0.25)
    x = torch.rand(2, *SHAPE)
    small = halved(x)
    assert torch.allclose(critic.seen(x), 0.75 * doubled(halved(small)) + 0.25 * small)
    assert torch.equal(grown(pair, 2, 1.0)[1].seen(x), x)
    shown = grown(pair, 0, 1.0)[0].shown(torch.full((1, 3, 4, 4), 1.5))
    assert shown.shape == (1, *SHAPE)
    assert torch.equal(shown, torch.ones(1, *SHAPE))


def test_the_stage_is_kept_with_the_weights(pair):
    state = grown(pair, 1, 0.25)[0].state_dict()
    again = ProgressiveGenerator(SHAPE, 8, width=4, limit=8)
    again.load_state_dict(state)
    assert (again.stage, again.alpha) == (1, 0.25)


def test_latents_lie_on_the_hypersphere(pair):
    generator, _ = grown(pair, 1, 1.0)
    z = torch.randn(4, 8)
    assert torch.allclose(generator(z), generator(5 * z), atol=1e-5)


def test_the_published_networks_have_the_published_size():
    with torch.device("meta"):
        pair = ProgressiveGenerator([3, 1024, 1024], 512), ProgressiveCritic([3, 1024, 1024])
    assert [round(sum(p.numel() for p in net.parameters()) / 1e6, 1) for net in pair] == [23.1, 23.1]


@pytest.mark.parametrize("gain", [1.0, math.sqrt(2)])
def test_weights_are_standard_and_scaled_in_the_pass(gain):
    torch.manual_seed(0)
    for layer, x in ((EqualisedLinear(200, 300, gain), (50, 200)), (EqualisedConv(40, 50, 1, gain), (50, 40, 9, 9))):
        assert layer.weight.std().item() == pytest.approx(1, abs=0.05)
        assert layer(torch.randn(x)).std().item() == pytest.approx(gain, rel=0.05)


def test_norms_are_those_of_the_paper():
    x = torch.randn(6, 5, 3, 3)
    assert torch.allclose(PixelNorm()(x).square().mean(1), torch.ones(6, 3, 3), atol=1e-4)
    far = torch.tensor([0.0, 2.0]).repeat(4).view(8, 1, 1, 1).expand(-1, 3, 2, 2)  # 0, 2, 0, 2, …
    same, apart = MinibatchDeviation(4)(far), MinibatchDeviation(8)(far)
    assert torch.equal(apart[:, :3], far)
    assert torch.allclose(apart[:, 3], torch.ones(8, 2, 2))
    assert same[:, 3].max() < 1e-3  # every second sample is a group
    assert MinibatchDeviation(4)(x).shape == (6, 6, 3, 3)


def test_parameters_of_the_authors_networks():
    """tkarras/progressive_growing_of_gans, networks.py at 1024 pixels: 23,079,115 and, with a bias each, 23,087,249."""
    with torch.device("meta"):
        generator = ProgressiveGenerator((3, 1024, 1024), 512, width=16, limit=512)
        critic = ProgressiveCritic((3, 1024, 1024), width=16, limit=512)
        classifier = ProgressiveClassifier(critic, classes=10)
    count = [sum(p.numel() for p in network.parameters()) for network in (generator, critic, classifier)]
    assert count == [23_079_115, 23_087_249, 23_087_249 + 513 * 10]


def test_the_first_layer_has_one_bias_a_channel_and_the_authors_gain():
    """Gain √2 / 4 at 4x4, over the root of the fan in, as Theano's had it."""
    seed = EqualisedSeed(8, channels=3, side=4)
    made = seed(torch.zeros(2, 8) + 1)
    assert made.shape == (2, 3, 4, 4)
    assert seed.bias.shape == (3,)
    assert seed.scale == pytest.approx(math.sqrt(2) / 4 / math.sqrt(8))
    assert torch.allclose(made[0, 1, 2, 3], seed.scale * seed.weight[1 * 16 + 2 * 4 + 3].sum())


def test_the_classifier_reads_what_the_critic_judges_by():
    classifier = ProgressiveClassifier(ProgressiveCritic(SHAPE, width=4, limit=8), classes=3)
    x = torch.randn(4, *SHAPE)
    logits, predictions = classifier.logits_and_predictions(x)
    assert torch.equal(logits, classifier(x))
    assert predictions.shape == (4, 3)
    with pytest.raises(ValueError, match="needs data with classes"):
        ProgressiveClassifier(ProgressiveCritic(SHAPE, width=4, limit=8, classes=3), classes=3)


def test_pictures_and_logits_are_those_of_the_authors_program():
    """Three scales, the last one faded in by three quarters; two groups of the minibatch deviation."""
    generator = ProgressiveGenerator((3, 16, 16), 7, width=4, limit=12)
    critic = ProgressiveCritic((3, 16, 16), width=4, limit=12)
    for network in (generator, critic):
        fill(network, spread=1.0)
        network.grow(2, 0.75)
    # source: tkarras/progressive_growing_of_gans 2504c3f, networks.py: G_paper and D_paper, lod 0.25, fused_scale False
    expected = [0.210554, -0.119897, -0.670369, -0.084058, 0.505512, 0.040474]
    assert digest(generator(waves(8, 7, shift=0.25))) == pytest.approx(expected, abs=1e-4)
    expected = [-0.129970, -0.126444, -0.124521, -0.126160, 0.126216, 0.019703]
    assert digest(critic(waves(8, 3, 16, 16, shift=0.25))) == pytest.approx(expected, abs=1e-5)
