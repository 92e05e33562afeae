import pytest
import torch

from gen_models.networks.critics.heads import Critic
from gen_models.networks.gan.maxout import Maxout, MaxoutBody
from gen_models.networks.gan.sigmoid import SigmoidGenerator


def test_a_unit_is_the_largest_of_its_pieces():
    layer = Maxout(3, units=2, pieces=5)
    x = torch.randn(4, 3)
    weights, biases = layer.linear.weight.view(2, 5, 3), layer.linear.bias.view(2, 5)
    expected = torch.stack([(x @ weights[unit].T + biases[unit]).max(1).values for unit in range(2)], 1)
    torch.testing.assert_close(layer(x), expected)


def test_the_body_has_the_published_size_and_drops_only_in_training():
    body = MaxoutBody((1, 28, 28))
    assert sum(p.numel() for p in body.parameters()) == 785 * 1200 + 241 * 1200
    assert max(p.abs().max() for p in body.parameters()) <= 0.005
    x = torch.randn(2, 1, 28, 28)
    assert not torch.equal(body(x), body(x))
    body.eval()
    assert torch.equal(body(x), body(x))


def test_dropout_of_pixels_drops_to_black_where_the_critic_sees_the_unit_range():
    seen = []
    body = MaxoutBody((4,), pixels="unit", input_dropout=0.5)
    body.layers[0].register_forward_hook(lambda *hooked: seen.append(hooked[2]))
    body(torch.full((200, 4), 0.5))
    assert seen[0].unique().tolist() == [0.0, 1.5]  # black, or three quarters of white over the share that is kept


def test_networks_start_as_the_authors():
    """goodfeli/adversarial, mnist.yaml: irange .05 and .005, biases from the marginals."""
    generator, critic = SigmoidGenerator((1, 28, 28), 100), Critic(MaxoutBody((1, 28, 28)))
    for network, reach in ((generator, 0.05), (critic, 0.005)):
        for name, weights in network.named_parameters():
            assert weights.abs().max().item() == (0 if name.endswith("bias") else pytest.approx(reach, rel=0.05))
    assert generator(torch.zeros(2, 100)).abs().max() == 0
    mean = torch.linspace(-1, 1, 784).view(1, 28, 28)
    generator.begin_at(mean)
    assert torch.allclose(generator(torch.zeros(1, 100))[0], mean, atol=1e-6)
    assert generator(torch.zeros(1, 100)).min().item() == pytest.approx(2e-7 - 1, abs=1e-7)


def test_the_generator_has_the_published_size():
    generator = SigmoidGenerator((1, 28, 28), 100)
    assert sum(p.numel() for p in generator.parameters()) == 101 * 1200 + 1201 * 1200 + 1201 * 784
