"""Facts of VAR's transformer: whom a scale sees, drawing with a memory, sizes and numbers of the authors' code."""

import pytest
import torch

from gen_models.networks.transformer.next_scale import NextScaleTransformer, ScaleStepper

GRIDS = [(1, 1), (2, 2), (3, 3)]


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = NextScaleTransformer(GRIDS, size=3, codes=5, width=16, depth=2, heads=2, classes=4).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    return network


def test_a_scale_sees_itself_and_those_before_it(network):
    inputs = torch.randn(1, 13, 3, requires_grad=True)
    logits = network(inputs, torch.tensor([1]))
    scale = torch.tensor([0] + [1] * 4 + [2] * 9)
    for place in (0, 1, 4, 5, 13):
        (gradient,) = torch.autograd.grad(logits[0, :, place].sum(), inputs, retain_graph=True)
        reached = gradient[0].abs().sum(1) > 0
        assert torch.equal(reached, scale[1:] <= scale[place])


@torch.no_grad()
def test_scale_after_scale_with_a_memory_gives_the_same_as_all_at_once(network):
    inputs, y = torch.randn(3, 13, 3), torch.tensor([0, 3, 4])
    stepper = ScaleStepper(network, y)
    found = [stepper(scale, part) for scale, part in enumerate([None, *inputs.split([4, 9], dim=1)])]
    assert torch.allclose(torch.cat(found, dim=2), network(inputs, y), atol=1e-5)


def test_the_published_sizes_have_as_many_weights_as_the_authors():
    """source: FoundationVision/VAR 78b9539 models/var.py, depth 16; 310 M in its README."""
    sides = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16]
    with torch.device("meta"):
        network = NextScaleTransformer([(side, side) for side in sides], size=32, codes=4096, classes=1000)
    assert sum(weight.numel() for weight in network.parameters()) == 310_283_520


def test_logits_equal_the_authors():
    """source: FoundationVision/VAR 78b9539 models/var.py: VAR, run with these numbers."""
    network = NextScaleTransformer(GRIDS[:2], size=3, codes=4, width=8, depth=2, heads=2, classes=2).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(
                0.3 * torch.cos(weight.numel() * torch.arange(weight.numel()).double()).float().view_as(weight)
            )
    logits = network(torch.sin(torch.arange(12.0)).view(1, 4, 3), torch.tensor([1]))
    expected = [
        [0.274680, 0.175326, -0.047888, -0.117925],
        [0.019448, -0.624057, 0.270960, 0.656083],
        [0.001770, -0.182517, 0.253499, 0.215932],
        [-0.153143, -0.639273, 0.444762, 0.657468],
        [-0.040553, -0.170771, 0.294888, 0.200892],
    ]
    assert torch.allclose(logits[0].t(), torch.tensor(expected), atol=1e-5)


def test_in_the_beginning_gates_are_nearly_shut_and_logits_nearly_even():
    torch.manual_seed(0)
    network = NextScaleTransformer(GRIDS, size=3, codes=5, width=64, depth=3, heads=2)
    logits = network(torch.randn(8, 13, 3), torch.zeros(8, dtype=torch.long))
    assert logits.std() < 0.05
    gates = network.blocks[0].modulation.weight.unflatten(0, (6, -1))[[2, 5]]
    assert gates.abs().max() < 1e-5
