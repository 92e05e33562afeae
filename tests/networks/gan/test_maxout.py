import torch

from gen_models.networks.gan.maxout import Maxout, MaxoutBody


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
