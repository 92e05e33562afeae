from functools import partial

import pytest
import torch
from torch import nn

from gen_models.networks.gan.dcgan import DCGANBody, DCGANGenerator
from gen_models.networks.layers.conditioning import ConditionalBatchNorm
from gen_models.networks.mlp import MLPBody, MLPGenerator

Y = torch.tensor([0, 1, 2, 0])


def test_conditional_batch_norm_starts_as_batch_norm():
    x = 3 * torch.randn(16, 5, 4, 4) + 1
    norm = ConditionalBatchNorm(5, partial(nn.Embedding, 3))
    assert torch.equal(norm(x, torch.arange(16) % 3), nn.BatchNorm2d(5)(x))


def test_conditional_batch_norm_scales_and_shifts_by_the_condition():
    norm = ConditionalBatchNorm(2, partial(nn.Linear, 1, bias=False))
    norm.to_gain.weight.data = torch.tensor([[1.0], [0.0]])
    norm.to_bias.weight.data = torch.tensor([[0.0], [5.0]])
    condition = torch.tensor([[2.0], [-1.0]])
    x = torch.randn(2, 2, 3, 3)
    plain, told = nn.BatchNorm2d(2)(x), norm(x, condition)
    torch.testing.assert_close(told[:, 0], plain[:, 0] * torch.tensor([3.0, 0.0])[:, None, None])
    torch.testing.assert_close(told[:, 1], plain[:, 1] + torch.tensor([10.0, -5.0])[:, None, None])


@pytest.mark.parametrize("where", ["input", "every"])
@pytest.mark.parametrize("make", [MLPGenerator, DCGANGenerator])
def test_a_generator_hears_the_class(make, where):
    generator = make((1, 8, 8), 5, classes=3, where=where).eval()
    z = torch.randn(1, 5).expand(4, 5)
    a, b, c, again = generator(z, Y)
    assert torch.equal(a, again)
    assert not torch.allclose(a, b)
    assert not torch.allclose(b, c)


@pytest.mark.parametrize("make", [MLPGenerator, DCGANGenerator, MLPBody, DCGANBody])
def test_told_at_every_layer_it_hears_the_class_in_the_last_one_too(make):
    net = make((1, 16, 16), *([5] if "Generator" in make.__name__ else []), classes=3, where="every").eval()
    layers = net.layers if "MLP" in make.__name__ else net.blocks
    inputs = []
    layers[-1].register_forward_pre_hook(lambda _, args: inputs.append(args[0]))
    result = net(torch.randn(4, 5) if "Generator" in make.__name__ else torch.randn(4, 1, 16, 16), Y)
    code = inputs[0][:, -3:].flatten(2).amax(2) if inputs[0].ndim == 4 else inputs[0][:, -3:]
    assert torch.equal(code, torch.eye(3)[Y])
    if "Body" in make.__name__:
        assert torch.equal(result[:, -3:], torch.eye(3)[Y])
        assert result.shape[1] == net.num_features
