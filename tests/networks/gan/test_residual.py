import torch
from torch import nn
from torch.nn.functional import avg_pool2d

from gen_models.networks.gan.residual import CriticResidualBlock, GeneratorResidualBlock

X = torch.randn(2, 4, 6, 6)


def silenced(block):
    """The block with nothing but its shortcut."""
    nn.init.zeros_(block.conv2.weight)
    return block


def test_a_generator_block_adds_to_the_enlarged_map():
    block = silenced(GeneratorResidualBlock(4, 3))
    large = X.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(block(X), block.shortcut(large))


def test_a_critic_block_adds_to_the_map_itself_or_to_its_averages():
    assert torch.equal(silenced(CriticResidualBlock(4, 4, 4, down=False))(X), X)
    block = silenced(CriticResidualBlock(4, 3, 4, down=True))
    torch.testing.assert_close(block(X), avg_pool2d(block.shortcut(X), 2))


def test_only_the_first_critic_block_sees_what_is_negative():
    for first in (True, False):
        block = CriticResidualBlock(4, 4, 4, down=False, first=first)
        x = -X.abs()
        bright = torch.equal(block(x) - x, block(2 * x) - 2 * x)
        assert bright is not first
