import pytest
import torch
from torch.nn.functional import group_norm

from gen_models.networks.layers.group_norm import ContiguousGroupNorm


@pytest.mark.parametrize(("channels", "groups"), [(256, 32), (128, 32), (48, 12), (144, 24), (6, 1), (2, 1)])
def test_groups_have_four_channels_at_least_and_there_are_32_at_most(channels, groups):
    assert ContiguousGroupNorm(channels).num_groups == groups


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_maps_are_normalised_whatever_their_layout_and_keep_it(layout):
    norm, x = ContiguousGroupNorm(8), torch.randn(3, 8, 5, 4)
    torch.nn.init.normal_(norm.weight)
    found = norm(x.contiguous(memory_format=layout))
    assert torch.allclose(found, group_norm(x, 2, norm.weight, norm.bias), atol=1e-6)
    assert found.is_contiguous(memory_format=layout)


def test_derivatives_are_taken_forwards_for_many_directions_at_once():
    """The exact divergence of a small field: torch's GroupNorm has no forward mode for maps laid out channels last."""
    norm = ContiguousGroupNorm(4).double()
    x = torch.randn(1, 4, 2, 2).double().contiguous(memory_format=torch.channels_last)
    forwards = torch.func.jacfwd(norm)(x)
    assert torch.allclose(forwards, torch.autograd.functional.jacobian(norm, x))
