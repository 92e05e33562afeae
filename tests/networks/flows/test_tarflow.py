"""Facts of Zhai et al. (2024)."""

import pytest
import torch

from gen_models.networks.flows.tarflow import Patchify, TarFlow, TarFlowBlock
from tests.waves import digest, fill, waves


def count(network):
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(
    ("shape", "sizes", "expected"),
    [
        ((1, 28, 28), {"size": 128, "blocks": 4, "layers": 4, "heads": 2, "classes": 10}, 3_227_776),
        ((3, 64, 64), {"patch": 2, "size": 768, "blocks": 8, "layers": 8, "heads": 12}, 460_142_784),
    ],
)
def test_weights_are_those_of_the_authors_program(shape, sizes, expected):
    """source: apple/ml-tarflow, the notebook on MNIST, and ImageNet at 64 pixels."""
    with torch.device("meta"):
        assert count(TarFlow(shape, **sizes)) == expected


def test_patches_are_cut_row_by_row():
    cut = Patchify((1, 4, 4), 2)
    x = torch.arange(16.0).view(1, 1, 4, 4)
    tokens, _ = cut(x)
    assert tokens[0].tolist() == [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
    assert torch.equal(cut.inverse(tokens), x)
    with pytest.raises(ValueError, match="can't be cut into patches of 3"):
        Patchify((1, 4, 4), 3)


def awake(block):
    torch.nn.init.normal_(block.leave.weight, 0.0, 0.1)
    return block


@pytest.mark.parametrize("flip", [False, True])
def test_a_token_depends_on_those_before_it_and_the_first_stays(flip):
    block = awake(TarFlowBlock(5, 3, 8, 2, 2, flip))
    x = torch.randn(1, 5, 3)
    jacobian = torch.autograd.functional.jacobian(lambda x: block(x)[0][0].sum(1), x)[:, 0].abs().sum(2)
    order = jacobian.flip(0, 1) if flip else jacobian
    assert order.triu(1).max() == 0
    assert order.tril(-1)[1:].sum(1).min() > 0
    first = -1 if flip else 0
    assert torch.equal(block(x)[0][:, first], x[:, first])


def test_it_starts_as_the_authors_program():
    """source: apple/ml-tarflow 313120e, transformer_flow.py: torch's layers, but proj_out.weight is 0."""
    torch.manual_seed(0)
    block = TarFlowBlock(6, 2, 64, 2, 2, flip=False)
    for name, layer in block.named_modules():
        if isinstance(layer, torch.nn.Linear):
            reach = layer.in_features**-0.5
            assert 0 < layer.bias.abs().max().item() <= reach, name
            expected = 0 if layer is block.leave else 3**-0.5 * reach
            assert layer.weight.std().item() == pytest.approx(expected, rel=0.1), name
            assert layer.weight.abs().max().item() <= reach, name


def test_at_first_all_tokens_but_the_first_are_scaled_and_shifted_alike():
    block = TarFlowBlock(6, 2, 8, 2, 2, flip=True, classes=3)
    x, y = torch.randn(4, 6, 2), torch.tensor([0, 1, 2, 1])
    z, log_det = block(x, y)
    log_scale, shift = block.leave.bias.chunk(2)
    torch.testing.assert_close(z[:, :-1], (x[:, :-1] - shift) * (-log_scale).exp())
    assert torch.equal(z[:, -1], x[:, -1])
    torch.testing.assert_close(log_det, -5 * log_scale.sum().expand(4))


def test_one_by_one_with_a_memory_is_the_inverse():
    block = awake(TarFlowBlock(6, 2, 8, 2, 2, flip=True, classes=3))
    x, y = torch.randn(4, 6, 2), torch.tensor([0, 1, 2, 1])
    z, _ = block(x, y)
    assert not torch.allclose(z, x)
    torch.testing.assert_close(block.inverse(z, y), x, rtol=0, atol=1e-5)


@torch.no_grad()
def test_it_computes_what_the_authors_program_does():
    """source: apple/ml-tarflow 313120e, transformer_flow.py: Model, forward and reverse with guidance of 1.5."""
    flow = TarFlow((1, 4, 4), patch=2, size=8, blocks=2, layers=2, heads=2, classes=3)
    fill(flow, spread=0.3)
    y = torch.tensor([1, 0, 2, 1])
    z, log_det = flow(waves(4, 1, 4, 4), y)
    assert digest(z) == pytest.approx((-0.127686, 0.783814, -0.256623, 0.052544, 1.375545, 0.704938), abs=2e-6)
    assert log_det.tolist() == pytest.approx((2.178867, 3.971915, 1.462857, 3.548881), abs=2e-6)
    guided = {
        (1.0, True): (-0.656198, 1.256299, -0.375431, -0.237508, 0.915030, 0.227047),
        (2.5, True): (-0.563260, 1.071809, -0.370338, -0.249210, 1.067485, 0.283390),
        (2.5, False): (-0.514335, 0.866402, -0.105538, -0.236357, 1.221846, 0.038649),
    }
    for (scale, rising), expected in guided.items():
        x = flow.guided_inverse(waves(4, 16, shift=0.25), y, scale, rising)
        assert digest(x) == pytest.approx(expected, abs=2e-6)


@torch.no_grad()
def test_outside_of_training_the_inverse_is_exact_under_autocast_too():
    torch.manual_seed(0)
    flow = TarFlow((1, 8, 8), patch=2, size=32, blocks=4, layers=2, heads=2).eval()
    for parameter in flow.parameters():
        parameter.add_(0.05 * torch.randn_like(parameter))
    x = torch.rand(4, 1, 8, 8) * 2 - 1
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(flow.inverse(flow(x)[0]), x, rtol=0, atol=1e-4)


def test_samples_that_overflow_are_numbers_still():
    """Scales that a block has learned multiply from token to token: of heads a fifth of all draws was none."""
    flow = TarFlow((1, 8, 8), patch=2, size=8, blocks=2, layers=1)
    for part in flow.chain.parts:
        if isinstance(part, TarFlowBlock):
            torch.nn.init.constant_(part.leave.bias, 60.0)
    z = torch.randn(4, flow.num_dims)
    assert flow.inverse(z).isfinite().all()
    assert flow.guided_inverse(z, None, 1.0).isfinite().all()
