"""Dropout by uniform variables: torch's distribution, layout and gradient; and of whole layers."""

import pytest
import torch
from torch.nn.functional import dropout

from gen_models.networks.layers.dropout import Dropout, StochasticDepth


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_entries_are_dropped_as_often_as_by_torch_and_the_others_scaled_as_there(probability, dtype):
    torch.manual_seed(0)
    x = torch.ones(100, 100, 10, dtype=dtype)
    found, torchs = Dropout(probability)(x), dropout(x, probability)
    assert torch.equal(found.unique(), torchs.unique())
    deviation = (probability * (1 - probability) / x.numel()) ** 0.5
    assert (found == 0).float().mean().item() == pytest.approx(probability, abs=4 * deviation)
    alone = (found == 0).float().unfold(0, 2, 1).mean(-1).eq(1).float().mean().item()  # neighbours are independent
    assert alone == pytest.approx(probability**2, abs=8 * deviation)


def test_the_gradient_is_dropped_with_the_entries_and_the_layout_stays():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last).requires_grad_()
    found = Dropout(0.5)(x)
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(found, x * torch.autograd.grad(found.sum(), x)[0])


def test_nothing_is_dropped_in_evaluation_nor_more_than_all_of_it():
    x = torch.randn(5)
    assert torch.equal(Dropout(0.5).eval()(x), x)
    assert torch.equal(Dropout(0.0)(x), x)
    assert not Dropout(1.0)(x).any()


def test_stochastic_depth_leaves_layers_out_for_whole_samples_and_keeps_the_mean():
    torch.manual_seed(0)
    layer, x = StochasticDepth(0.25), torch.ones(20_000, 3, 2)
    found = layer(x)
    assert found.unique().tolist() == pytest.approx([0, 4 / 3])
    assert torch.equal(found, found[:, :1, :1].expand_as(found))
    assert found.mean().item() == pytest.approx(1, abs=0.02)
    assert torch.equal(layer.eval()(x), x)
