import pytest
import torch

from gen_models.networks.critics.heads import ClassifyingCritic, Critic, ProjectionCritic
from gen_models.networks.gan.resnet import ResNetBody, ResNetGenerator
from gen_models.networks.layers.attention import SelfAttention
from tests.waves import digest, fill, settle, waves


def count(net):
    return sum(p.numel() for p in net.parameters())


def block(inputs, outputs, hidden, shortcut):
    """Weights and biases of two 3x3 convolutions and, perhaps, the shortcut's."""
    return 9 * hidden * (inputs + outputs) + hidden + outputs + shortcut * outputs * (inputs + 1)


def test_the_networks_for_32_pixels_are_the_papers():
    with torch.device("meta"):
        generator = ResNetGenerator((3, 32, 32), latent_dim=128, width=256, limit=256)
        critic = Critic(ResNetBody((3, 32, 32), width=128, limit=128, smallest=8, flat=2))
    normalisations = 3 * 2 * 2 * 256 + 2 * 256
    up = 129 * 4096 + 3 * block(256, 256, 256, True) + normalisations + 3 * (9 * 256 + 1)
    assert count(generator) == up == 4_276_739
    down = block(3, 128, 128, True) + block(128, 128, 128, True) + 2 * block(128, 128, 128, False) + 129
    assert count(critic) == down == 1_053_825


def test_the_networks_for_128_pixels_are_the_papers():
    with torch.device("meta"):
        generator, body = ResNetGenerator((3, 128, 128), latent_dim=128), ResNetBody((3, 128, 128))
    stages = generator.ascent.stages
    assert [stage.conv1.in_channels for stage in stages] == [1024, 1024, 512, 256, 128]
    assert [stage.conv2.out_channels for stage in stages] == [1024, 512, 256, 128, 64]
    blocks = body.descent.stages
    assert [block.conv2.out_channels for block in blocks] == [64, 128, 256, 512, 1024, 1024]
    assert [block.down for block in blocks] == [True] * 5 + [False]


@pytest.mark.slow
def test_sagan_for_128_pixels_counts_as_in_the_authors_code():
    """Counted from brain-research/self-attention-gan, which states no totals: 1,000 classes, gf_dim = df_dim = 64."""
    with torch.device("meta"):
        generator = ResNetGenerator((3, 128, 128), latent_dim=128, classes=1000, attention=32, spectral=True)
        body = ResNetBody((3, 128, 128), wide=True, attention=32)
        critic = ProjectionCritic(body, classes=1000, spectral=True)
    attention = [2 * channels * (channels // 8 + channels // 2) + 1 for channels in (256, 128)]
    ups = [(1024, 1024), (1024, 512), (512, 256), (256, 128), (128, 64)]
    up = sum(block(i, o, o, True) + 1000 * 2 * (i + o) for i, o in ups)
    assert count(generator) == 129 * 16_384 + up + attention[0] + 2 * 64 + 3 * (9 * 64 + 1) == 42_078_852
    downs = [(3, 64), (64, 128), (128, 256), (256, 512), (512, 1024)]
    down = sum(block(i, o, o, True) for i, o in downs) + block(1024, 1024, 1024, False)
    assert count(critic) == down + attention[1] + 1025 + 1000 * 1024 == 39_463_618


def test_every_head_on_the_body_begins_by_glorot_without_a_bias():
    body = ResNetBody((1, 8, 8), width=64)
    classifying = ClassifyingCritic(body, classes=10)
    for head in (Critic(body).head, ProjectionCritic(body, classes=10).head, classifying.head, classifying.classifier):
        edge = (6 / (head.in_features + head.out_features)) ** 0.5  # torch's own is 1 / √inputs
        assert 0.5 * edge < head.weight.abs().max() <= edge
        assert not head.bias.any()


def test_the_class_chooses_the_gains():
    generator = ResNetGenerator((1, 8, 8), 4, width=8, classes=3)
    torch.nn.init.normal_(generator.ascent.stages[0].norm2.to_gain.weight)
    a, b = generator.eval()(torch.ones(2, 4), torch.tensor([0, 2]))
    assert not torch.allclose(a, b)


@pytest.mark.parametrize(("side", "attended"), [(8, 4), (28, 14), (32, 16), (64, 32), (128, 32)])
def test_both_sides_attend_at_the_middle_resolution(side, attended):
    with torch.device("meta"):
        generator = ResNetGenerator((3, side, side), 8, 8, attention=32)
        body = ResNetBody((3, side, side), 8, attention=32)
    seen = []
    for net, x in ((generator, torch.empty(2, 8)), (body, torch.empty(2, 3, side, side))):
        (attention,) = (module for module in net.modules() if isinstance(module, SelfAttention))
        attention.register_forward_hook(lambda _, args, __: seen.append(args[0].shape[-1]))
        net(x.to("meta"))
    assert seen == [attended, attended]


def test_features_are_sums_of_what_is_positive():
    body = ResNetBody((1, 8, 8), width=4, flat=0)
    maps = []
    body.descent.stages[-1].register_forward_hook(lambda _, __, result: maps.append(result))
    features = body(torch.randn(2, 1, 8, 8))
    torch.testing.assert_close(features, maps[0].clamp(min=0).flatten(2).sum(2))
    assert features.shape == (2, body.num_features)


def test_an_image_that_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match=r"4 to 7 pixels doubled some times \(8, 16, 32, …\), not 30"):
        ResNetBody((3, 30, 30))


def test_the_critic_of_wgan_gp_takes_means():
    body = ResNetBody((1, 16, 16), width=4, pooling="mean")
    x = torch.randn(2, 1, 16, 16)
    means = body(x)
    body.descent.pooling = "sum"
    assert torch.allclose(body(x), 16 * means, atol=1e-5)


@torch.no_grad()
def test_pictures_and_logits_are_those_of_the_authors_program():
    """For 32 pixels with three classes: conditional batch normalisation, projection, spectral normalisation."""
    generator = ResNetGenerator((3, 32, 32), 7, width=4, limit=4, classes=3)
    body = ResNetBody((3, 32, 32), width=4, limit=4, smallest=8, flat=2)
    critic = ProjectionCritic(body, classes=3, spectral=True, bias=False)
    fill(generator)
    fill(critic)
    y = torch.arange(6) % 3
    settle(critic)
    # source: pfnet-research/sngan_projection e84b1a5, gen_models/resnet_32.py and dis_models/snresnet_32.py
    expected = [0.156635, -0.019525, 0.034278, 0.065466, 0.415995, -0.151286]
    assert digest(generator(waves(6, 7, shift=0.25), y)) == pytest.approx(expected, abs=1e-4)
    expected = [-1.673282, -8.302218, 4.828302, -1.828058, 5.533777, -7.486140]
    assert digest(critic(waves(6, 3, 32, 32, shift=0.25), y)) == pytest.approx(expected, abs=1e-4)
