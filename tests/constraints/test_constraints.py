import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gen_models.constraints.weights import NormClipping, WeightClipping
from gen_models.losses.weights import L2Penalty, OrthogonalPenalty


def layer(*rows):
    linear = nn.Linear(len(rows[0]), len(rows), bias=False)
    linear.weight.data = torch.tensor(rows)
    return linear


def test_norms_cost_nothing_and_products_count_twice():
    assert OrthogonalPenalty(1.0)(layer([5.0, 0.0], [0.0, 0.1])) == 0
    assert OrthogonalPenalty(0.5)(layer([1.0, 1.0], [1.0, 0.0])) == 1


def test_the_gradient_of_orthogonality_is_that_of_the_papers_formula():
    """‖WᵀW ⊙ (1 - I)‖² has 4 W (WᵀW ⊙ (1 - I)); source: ajbrock/BigGAN-PyTorch utils.py steps by 2."""
    net = nn.Linear(5, 4, bias=False)
    OrthogonalPenalty(1.0)(net).backward()
    filters = net.weight.detach()
    assert torch.allclose(net.weight.grad, 4 * (filters @ filters.T * (1 - torch.eye(4))) @ filters, atol=1e-6)


def test_filters_are_what_makes_one_output_in_every_kind_of_layer():
    convolution, transposed = nn.Conv2d(2, 3, 4), nn.ConvTranspose2d(2, 3, 4)
    transposed.weight.data = convolution.weight.data.transpose(0, 1)
    expected = OrthogonalPenalty(1.0)(layer(*convolution.weight.data.flatten(1).tolist())).item()
    assert OrthogonalPenalty(1.0)(convolution).item() == pytest.approx(expected)
    assert OrthogonalPenalty(1.0)(transposed).item() == pytest.approx(expected)


def test_a_skipped_module_and_a_normalised_layers_state_are_left_alone():
    net = nn.ModuleDict({"shared": layer([1.0, 1.0], [1.0, 0.0]), "head": spectral_norm(layer([3.0, 0.0], [1.0, 1.0]))})
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with torch.autocast("cpu", torch.bfloat16):
        penalty = OrthogonalPenalty(1.0, skip=["shared"])(net)
    penalty.backward()
    assert penalty == 18
    assert net["shared"].weight.grad is None
    assert net["head"].parametrizations.weight.original.grad.abs().sum() > 0
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_clipping_holds_every_parameter():
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    WeightClipping(0.01).apply_(net)
    assert max(p.abs().max() for p in net.parameters()).item() == pytest.approx(0.01)


def test_norm_clipping_shrinks_only_units_outside_the_ball():
    layer = nn.Linear(4, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[3.0, 4.0, 0.0, 0.0], [0.1, 0.0, 0.0, 0.0]]))
    NormClipping(limit=2.0).apply_(nn.Sequential(layer))
    assert torch.allclose(layer.weight, torch.tensor([[1.2, 1.6, 0.0, 0.0], [0.1, 0.0, 0.0, 0.0]]), atol=1e-4)


def test_l2_is_of_the_named_parameters_only():
    net = nn.Sequential(nn.Linear(2, 1), nn.Linear(1, 1))
    for parameter, value in zip(net.parameters(), (5.0, 2.0, 5.0, 1.0), strict=True):
        nn.init.constant_(parameter, value)
    assert L2Penalty(0.5, names=["bias"])(net).item() == 0.5 * (4 + 1)
    with pytest.raises(ValueError, match="no parameters named magnitude"):
        L2Penalty(1.0, names=["magnitude"])(net)
