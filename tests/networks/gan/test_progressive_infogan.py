"""Facts of jonasz/progressive_infogan, counted and read off its networks.py."""

import pytest
import torch
from torch.nn.functional import leaky_relu

from gen_models.networks.critics.heads import HasPredictions
from gen_models.networks.gan.code_conditioning import PlacewiseConditioning
from gen_models.networks.gan.equalised import EqualisedConv, EqualisedLinear
from gen_models.networks.gan.growing import doubled, halved
from gen_models.networks.gan.progressive_infogan import CentredBatchNorm, ProgressiveInfoGANGenerator
from gen_models.networks.gan.progressive_infogan_critic import BatchVariance, ProgressiveInfoGANCritic
from tests.waves import digest, fill, waves

SHAPE = (1, 16, 16)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def pair(stage=2, alpha=1.0, conditioning="placewise", reads="each", finest=None):
    """Networks for three scales with two codes each, and four entries of noise where all scales have codes."""
    sizes = {"width": 4, "limit": 8, "codes": 2, "finest": finest}
    networks = (
        ProgressiveInfoGANGenerator(SHAPE, 10, conditioning=conditioning, **sizes),
        ProgressiveInfoGANCritic(SHAPE, reads=reads, **sizes),
    )
    for network in networks:
        network.grow(stage, alpha)
    return networks


def count(net):
    return sum(p.numel() for p in net.parameters())


def reaches(values, inputs):
    """Which codes, of two entries each, and noise change values."""
    (gradient,) = torch.autograd.grad(values.square().sum(), inputs)
    return [int(part.abs().sum() > 0) for part in gradient.split(2, dim=1)]


def test_the_networks_have_the_published_size():
    with torch.device("meta"):
        generator = ProgressiveInfoGANGenerator([3, 64, 64], 144, width=128, limit=480)
        critic = ProgressiveInfoGANCritic([3, 64, 64], width=256, limit=512)
        larger = [
            ProgressiveInfoGANGenerator([3, 128, 128], 144, width=64, limit=480),
            ProgressiveInfoGANCritic([3, 128, 128], width=128, limit=512),
        ]
    told = [layer for layer in generator.modules() if isinstance(layer, PlacewiseConditioning)]
    assert len(told) == 2 + 4 * 3
    assert sum(map(count, told)) == 52_103_232
    assert [count(generator), count(critic)] == [65_128_047, 33_647_441]
    assert [*map(count, larger)] == [65_239_090, 34_090_705]  # 80 codes: none at 128 pixels


def test_a_code_says_where():
    generator, _ = pair(stage=0)
    block = generator.blocks[0]
    with torch.no_grad():
        block.within[0].map.weight.zero_()
        block.within[0].map.weight[0, 0] = 1  # channel 0, the place at the upper left
    x = block.within[0](torch.zeros(1, 8, 4, 4), torch.tensor([[3.0, 0.0]]))
    assert x[0, 0, 0, 0] == 3
    assert x.count_nonzero() == 1


@pytest.mark.parametrize(
    ("conditioning", "reads", "told", "read"),
    [
        ("placewise", "each", [1, 1, 0, 1, 1], [1, 1, 0]),
        ("append", "each", [1, 1, 0, 1, 1], [1, 1, 0]),
        ("channels", "each", [1, 1, 0, 1, 1], [1, 1, 0]),
        ("first", "coarsest", [1, 1, 1, 1, 1], [1, 1, 1]),  # the source's "vanilla"
        ("first", "gradually", [1, 1, 1, 1, 1], [1, 1, 0]),  # its "gradual_loss"
        ("unmask", "gradually", [1, 1, 0, 1, 1], [1, 1, 0]),
    ],
)
def test_ablations_tell_and_read_what_they_say(conditioning, reads, told, read):
    generator, critic = pair(1, 1.0, conditioning, reads)
    z = torch.randn(4, 10, requires_grad=True)
    picture = generator(z)
    assert reaches(picture, z) == told
    logits, predictions = critic.logits_and_predictions(picture.detach())
    assert isinstance(critic, HasPredictions)
    assert [int(part.abs().sum() > 0) for part in predictions.split(2, dim=1)] == read
    assert critic.active == (4 if reads == "gradually" else 6)
    assert torch.equal(logits, critic(picture.detach()))


def test_fine_scales_without_a_code_are_neither_told_nor_read():
    generator, critic = pair(finest=8)
    assert generator.noise == 6
    z = torch.randn(4, 10, requires_grad=True)
    assert reaches(generator(z), z) == [1, 1, 1, 1, 1]
    assert critic.predictions == 4
    with pytest.raises(ValueError, match=r"leave no noise in the latent: raise model\.latent_dim"):
        ProgressiveInfoGANGenerator(SHAPE, 6, codes=2)


def test_convolutions_are_normalised_before_they_are_rectified_and_noise_is_not():
    generator, _ = pair()
    block, x = generator.blocks[1], torch.randn(6, 8, 4, 4)
    conv, norm, _ = block.convs[0]
    wide = doubled(block.enter(x, torch.ones(6, 2)))
    expected = leaky_relu(norm(conv(block.within[0](wide, torch.ones(6, 2)))), 0.2)
    seen = []
    block.convs[0].register_forward_hook(lambda *made: seen.append(made[2]))
    block(x, torch.ones(6, 2))
    assert torch.allclose(seen[0], expected, atol=1e-6)
    z = torch.randn(4, 10)
    assert not torch.allclose(generator(z), generator(5 * z), atol=1e-3)
    assert generator(100 * z).abs().max() <= 1  # tanh


def test_all_gains_are_those_of_leaky_relu():
    for network in pair():
        for layer in network.modules():
            if isinstance(layer, EqualisedConv | EqualisedLinear):
                assert layer.scale == pytest.approx((2 / layer.weight[0].numel()) ** 0.5)


def test_batch_norm_has_a_bias_and_no_gain():
    norm = CentredBatchNorm(3, momentum=0.5)
    assert [p.numel() for p in norm.parameters()] == [3]
    x = 5 + 2 * torch.randn(500, 3)
    assert torch.allclose(norm(x).mean(0), torch.zeros(3), atol=1e-5)
    assert norm(x).std(0).tolist() == pytest.approx([1, 1, 1], abs=0.01)
    assert torch.equal(norm(x)[:, :, None, None], norm(x[:, :, None, None]))


def test_the_minibatch_statistic_is_one_variance_of_the_whole_batch():
    far = torch.tensor([0.0, 4.0]).repeat(4).view(8, 1, 1, 1).expand(-1, 3, 2, 2)
    apart = BatchVariance()(far)
    assert torch.equal(apart[:, :3], far)
    assert torch.equal(apart[:, 3], torch.full((8, 2, 2), 4.0))  # no root is taken


def test_a_scale_fades_in_for_pictures_and_not_for_data():
    generator, critic = pair(1, 0.25)
    z, x = torch.randn(4, 10), torch.rand(4, *SHAPE)
    small, large = generator.pictures(z)
    assert torch.equal(large, generator(z))
    bare = generator.to_rgb[1](generator.maps(z, None)[1]).tanh()
    assert torch.allclose(large, 0.75 * doubled(small) + 0.25 * bare, atol=1e-6)
    assert torch.equal(critic.seen(x), halved(x))
    block = critic.blocks[0](leaky_relu(critic.from_rgb[1](halved(x)), 0.2))
    blended = 0.25 * block + 0.75 * leaky_relu(critic.from_rgb[0](halved(halved(x))), 0.2)
    logits, predictions = critic.logits_and_predictions(halved(x))
    assert torch.allclose(logits, critic.head(critic.last(blended)).squeeze(1), atol=1e-6)
    assert torch.allclose(predictions[:, 2:4], critic.readers[1](block.flatten(1)), atol=1e-6)


def test_pictures_logits_and_predictions_are_those_of_the_source():
    """Three scales with two codes each, the last one half faded in: its program as exp_condition.py asks for it."""
    generator = ProgressiveInfoGANGenerator((3, 16, 16), 10, width=16, limit=40, codes=2, finest=None)
    critic = ProgressiveInfoGANCritic((3, 16, 16), width=8, limit=24, codes=2, finest=None)
    for network in (generator, critic):
        fill(network, spread=1.0)
        network.grow(2, 0.5)
    logits, predictions = critic.logits_and_predictions(5 * waves(5, 3, 16, 16, shift=0.25))
    # source: jonasz/progressive_infogan 8c22ad4, progressive_infogan/networks.py: generator_fn and discriminator_fn
    expected = [0.019645, -0.049904, -0.029974, 0.043997, 0.347843, 0.281075]
    assert digest(generator(waves(5, 10, shift=0.25))) == pytest.approx(expected, abs=1e-5)
    expected = [-0.186657, -0.148621, -0.274226, -0.200560, 0.204817, -0.134463]
    assert digest(logits) == pytest.approx(expected, abs=1e-5)
    expected = [-0.014513, 0.044532, 0.242719, -0.006629, 0.171165, 0.029606]
    assert digest(predictions) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("conditioning", "expected"),
    [
        ("append", [-0.308948, -0.380390, -0.244307, -0.001094, 0.343607, 0.042253]),
        ("channels", [0.002940, 0.138392, -0.013304, 0.002359, 0.366883, 0.482530]),
    ],
)
def test_pictures_of_ablations_are_those_of_the_source(conditioning, expected):
    """Its `infogan_input_method` append, and append_channels with as many channels as the map has."""
    sizes = {"width": 16, "limit": 40, "codes": 2, "finest": None}
    generator = ProgressiveInfoGANGenerator((3, 16, 16), 10, conditioning=conditioning, **sizes)
    fill(generator, spread=1.0)
    generator.grow(2, 0.5)
    # source: jonasz/progressive_infogan 8c22ad4, progressive_infogan/networks.py: generator_fn
    assert digest(generator(waves(5, 10, shift=0.25))) == pytest.approx(expected, abs=1e-5)
