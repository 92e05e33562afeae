"""Facts of Huang et al. (2024) and of the authors' program, brownvc/R3GAN."""

import math

import pytest
import torch

from gen_models.networks.critics.embedded import EmbeddedCritic
from gen_models.networks.gan.r3gan import R3GANBlock, R3GANBody, R3GANGenerator
from tests.waves import digest, fill, waves


def count(network):
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(
    ("side", "sizes", "classes", "expected"),
    [
        (32, {}, 10, (20_781_952, 21_280_512)),
        (64, {}, 0, (22_429_824, 22_381_440)),
        (256, {}, 0, (23_057_952, 23_009_568)),
        (64, {"width": 1536, "full": 64}, 1000, (103_570_432, 107_205_120)),
    ],
)
def test_weights_are_those_of_the_authors_presets(side, sizes, classes, expected):
    """Those of CIFAR10, FFHQ-64, FFHQ-256 and ImageNet-64."""
    shape = (3, side, side)
    with torch.device("meta"):
        generator = R3GANGenerator(shape, 64, classes=classes, **sizes)
        critic = EmbeddedCritic(R3GANBody(shape, **sizes), classes)
    assert (count(generator), count(critic)) == expected


def test_a_block_begins_as_the_identity_and_its_variance_falls_with_the_depth():
    block = R3GANBlock(64, groups=4, expansion=2, depth=8)
    x = torch.randn(2, 64, 4, 4)
    assert torch.equal(block(x), x)
    gain = math.sqrt(2 / 1.04) * 8**-0.25
    assert block.enter.weight.std().item() == pytest.approx(gain / 8, rel=0.05)
    assert block.mix.weight.std().item() == pytest.approx(gain / math.sqrt(9 * 32), rel=0.05)


@pytest.mark.parametrize("side", [8, 28])
def test_sizes_follow_from_the_picture(side):
    generator, body = R3GANGenerator((1, side, side), 4, 8, 2), R3GANBody((1, side, side), 8, 2)
    assert generator(torch.randn(2, 4)).shape == (2, 1, side, side)
    assert EmbeddedCritic(body)(torch.randn(2, 1, side, side)).shape == (2,)


def test_a_logit_is_a_product_with_the_vector_of_the_class():
    critic = EmbeddedCritic(R3GANBody((1, 8, 8), 8, 2), classes=3)
    x, y = torch.randn(5, 1, 8, 8), torch.tensor([0, 1, 2, 1, 0])
    torch.nn.init.zeros_(critic.embed.weight[1].data)
    assert critic(x, y)[[1, 3]].abs().max() == 0
    assert critic(x, y)[[0, 2, 4]].abs().min() > 0
    with pytest.raises(ValueError, match="needs the classes"):
        critic(x)


@torch.no_grad()
@pytest.mark.parametrize(
    ("classes", "pictures", "logits"),
    [
        (
            0,
            [-0.015416, -0.040880, -0.061849, -0.051436, 0.123721, -0.155751],
            [0.292787, 0.276612, 0.286294, 0.275117, 0.275735, 0.101004],
        ),
        (
            3,
            [0.132032, 0.150129, 0.144152, -0.001849, 0.196715, -0.060687],
            [0.131684, 0.363569, -0.266636, 0.083972, 0.240897, 0.145468],
        ),
    ],
)
def test_pictures_and_logits_are_those_of_the_authors_program(classes, pictures, logits):
    generator = R3GANGenerator((3, 64, 64), 5, 32, 4, blocks=1, classes=classes, embedding=3)
    critic = EmbeddedCritic(R3GANBody((3, 64, 64), 32, 4, blocks=1), classes)
    fill(generator)
    fill(critic)
    y = torch.tensor([1, 0, 2, 1])
    # source: brownvc/R3GAN 19a7ddf, R3GAN/Networks.py, one-hot classes
    assert digest(generator(waves(4, 5, shift=0.25), y)) == pytest.approx(pictures, abs=1e-5)
    assert digest(critic(waves(4, 3, 64, 64, shift=0.25), y)) == pytest.approx(logits, abs=1e-5)
