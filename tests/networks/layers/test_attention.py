import pytest
import torch

from gen_models.networks.layers.attention import SelfAttention, attentions


def test_it_starts_as_the_identity():
    x = torch.randn(2, 16, 6, 6)
    assert torch.equal(SelfAttention(16)(x), x)


def test_each_position_finds_the_pooled_values_weighted_by_softmax():
    attention = SelfAttention(16).requires_grad_(False)
    attention.gamma.fill_(2)
    x = torch.randn(1, 16, 4, 4)
    theta, phi, g = (layer.weight.flatten(1) for layer in (attention.theta, attention.phi, attention.g))

    def pooled(weight):
        return torch.einsum("oc,chw->ohw", weight, x[0]).unfold(1, 2, 2).unfold(2, 2, 2).amax((3, 4)).flatten(1)

    expected = x[0].clone()
    for row in range(4):
        for column in range(4):
            weights = torch.softmax(theta @ x[0, :, row, column] @ pooled(phi), 0)
            expected[:, row, column] += 2 * attention.o.weight.flatten(1) @ (pooled(g) @ weights)
    torch.testing.assert_close(attention(x)[0], expected)


@pytest.mark.parametrize(("limit", "chosen"), [(64, 0), (32, 0), (31, 1), (8, 2), (None, None)])
def test_the_largest_map_up_to_the_limit_is_chosen(limit, chosen):
    modules = attentions([8, 16, 32, 64], [32, 16, 8, 8], limit)
    assert [i for i, module in enumerate(modules) if isinstance(module, SelfAttention)] == [
        i for i in (chosen,) if i is not None
    ]


def test_a_limit_below_all_maps_is_refused():
    with pytest.raises(ValueError, match=r"choose attention from 8, 16, or null\."):
        attentions([8, 16], [16, 8], 4)
