"""Transformers' parts: a memory that changes nothing, places, derivatives, levels as vectors."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from gen_models.media.pixels import from_levels
from gen_models.networks.autoregressive.causal_transformer import CausalTransformer
from gen_models.networks.layers.levels import LevelEmbedding
from gen_models.networks.transformer.attention import FEW, TokenAttention, attended, turned
from gen_models.networks.transformer.blocks import Trunk, perceptron
from gen_models.networks.transformer.masked_transformer import MaskedTransformer
from gen_models.networks.transformer.positions import LearnedPlaces, turns_of
from tests.networks.autoregressive.test_causal import dependence, shaken
from tests.networks.walking import walked

SIDES = (2, 3)


def trunk(causal=True, rotary=True, size=16, heads=2):
    torch.manual_seed(0)
    turns = turns_of(SIDES, 1, size // heads) if rotary else None
    return Trunk(size, 2, lambda: TokenAttention(size, heads, causal, turns), 32).double().eval()


@pytest.mark.parametrize("rotary", [False, True])
@torch.no_grad()
def test_tokens_one_after_another_are_those_of_all_at_once(rotary):
    network, x = trunk(rotary=rotary), torch.randn(3, 6, 16, dtype=torch.float64)
    memories = network.memories(3, 6)
    found = torch.cat([network(x[:, i : i + 1], memories) for i in range(6)], dim=1)
    assert torch.allclose(found, network(x))


@pytest.mark.parametrize("causal", [False, True])
def test_a_token_sees_those_before_it_or_all(causal):
    network, x = trunk(causal), torch.randn(1, 6, 16, dtype=torch.float64)
    seen = torch.autograd.functional.jacobian(lambda x: (network(x) ** 2).sum((0, 2)), x).abs().sum((1, 3)) > 0
    assert torch.equal(seen, torch.ones(6, 6).tril().bool() if causal else torch.ones(6, 6).bool())


@pytest.mark.parametrize("causal", [False, True])
def test_forward_mode_derivatives_are_those_of_backward_mode(causal):
    network, x = trunk(causal), torch.randn(2, 6, 16, dtype=torch.float64)
    tangent, probe = torch.randn_like(x), torch.randn_like(x)
    with sdpa_kernel(SDPBackend.MATH):
        _, pushed = torch.func.jvp(network, (x,), (tangent,))
        _, pull = torch.func.vjp(network, x)
    assert torch.allclose((pushed * probe).sum(), (pull(probe)[0] * tangent).sum())


def test_turned_queries_and_keys_meet_by_how_far_they_are_apart_in_rows_and_columns():
    turns = turns_of((3, 4), 1, 8)
    query, key = torch.randn(2, 8)
    heads = [turned(part.expand(1, 1, 12, 8), turns)[0, 0].view(3, 4, 8) for part in (query, key)]
    products = torch.einsum("ijc,klc->ijkl", *heads)
    assert torch.allclose(products[0, 0, 1, 2], products[1, 1, 2, 3], atol=1e-5)
    assert torch.allclose(products[0, 0, 0, 0], query @ key, atol=1e-5)
    assert not torch.allclose(products[0, 0, 1, 0], products[0, 0, 0, 1], atol=1e-3)


def test_learned_places_tell_row_column_and_channel_apart():
    table = LearnedPlaces(SIDES, 3, 4).table().view(2, 3, 3, 4)
    assert len(table.flatten(0, 2).unique(dim=0)) == 18
    assert torch.allclose(table[1] - table[0], (table[1] - table[0])[0, 0].expand(3, 3, 4), atol=1e-6)


def test_a_level_is_a_vector_and_between_levels_there_are_straight_lines():
    embed = LevelEmbedding(2, 5, 3)
    x = from_levels(torch.arange(5), 5).expand(1, 2, 5)
    assert torch.allclose(embed(x)[0], embed.table.view(2, 5, 3), atol=1e-6)
    middle = embed(torch.full((1, 2, 1), 0.25))[0, :, 0]
    assert torch.allclose(middle, embed.table.view(2, 5, 3)[:, 2:4].mean(1), atol=1e-6)


def test_at_first_all_levels_are_equally_probable():
    network = CausalTransformer((3, 2, 2), 5, width=8, depth=1, heads=2)
    assert torch.equal(network(torch.rand(2, 3, 2, 2)), torch.zeros(2, 15, 2, 2))


@pytest.mark.parametrize("shape", [(1, 3, 4), (3, 2, 3)])
def test_with_rotary_places_a_pixel_sees_those_before_it_and_walking_gives_the_same(shape):
    network = shaken(CausalTransformer(shape, 3, width=16, depth=2, heads=2, rotary=True, classes=2))
    x, y = from_levels(torch.randint(3, (2, *shape)), 3).double(), torch.tensor([0, 1])
    assert torch.allclose(walked(network, x, y).double(), network(x, y), atol=1e-5)
    seen = dependence(shaken(CausalTransformer(shape, 3, width=16, depth=2, heads=2, rotary=True)))
    assert torch.equal(seen, torch.ones_like(seen).tril(-1))


def test_sizes_that_do_not_suit_are_refused():
    with pytest.raises(ValueError, match="choose a multiple of the heads"):
        TokenAttention(16, 3)
    with pytest.raises(ValueError, match="a multiple of 4 channels a head, not 6"):
        CausalTransformer((1, 2, 2), 3, width=12, heads=2, rotary=True)


def test_a_masked_transformer_starts_as_its_authors_program():
    """source: google-research/maskgit 1db2359, maskgit_transformer.py: truncated_normal(0.02), and Dense's biases."""
    torch.manual_seed(0)
    network = MaskedTransformer((1, 16, 16), 200, width=64, depth=2, classes=10)
    weights = {name: p for name, p in network.named_parameters() if p.ndim > 1}
    assert {name.split(".")[0] for name in weights} == {"table", "places", "trunk", "head"}
    for name, weight in weights.items():
        assert weight.abs().max().item() <= 0.04, name
        assert weight.std().item() == pytest.approx(0.02 * 0.8796, rel=0.06), name
    assert not any(p.any() for name, p in network.named_parameters() if name.endswith("bias"))


def test_a_causal_transformer_starts_as_image_gpt():
    """source: openai/image-gpt c6af2eb, src/model.py: attn, mlp, wte, wpe, sos and wtet."""
    torch.manual_seed(0)
    network = CausalTransformer((1, 8, 8), 200, width=64, depth=3, heads=2, places="each")
    expected = {network.embed.table: 0.02, network.start.weight: 0.02, network.head.weight: 0}
    expected[network.places.vectors] = 0.01
    for block in network.trunk.blocks:
        expected |= {block.attention.qkv.weight: 64**-0.5, block.attention.out.weight: (64 * 3) ** -0.5}
        expected |= {layer.weight: 0.02 for layer in block.perceptron if hasattr(layer, "weight")}
    assert len(expected) == 4 + 3 * 4
    for weight, spread in expected.items():
        assert weight.std(correction=0).item() == pytest.approx(spread, rel=0.2)
    assert not any(p.any() for name, p in network.named_parameters() if name.endswith("bias"))


@torch.no_grad()
def test_gelu_is_taken_in_three_ways():
    x = torch.linspace(-4, 4, 81)
    exact, tanh, sigmoid = (perceptron(1, 1, gelu)[1](x) for gelu in ("exact", "tanh", "sigmoid"))
    torch.testing.assert_close(exact, 0.5 * x * (1 + torch.erf(x / 2**0.5)))
    torch.testing.assert_close(sigmoid, x / (1 + (-1.702 * x).exp()))
    assert 1e-4 < (tanh - exact).abs().max() < 1e-3 < (sigmoid - exact).abs().max() < 3e-2


@pytest.mark.parametrize("tokens", [5, FEW + 1])
def test_few_tokens_of_bfloat16_attend_as_float32_on_a_processor(tokens):
    torch.manual_seed(0)
    parts = [torch.randn(2, 3, tokens, 8, dtype=torch.bfloat16) for _ in range(3)]
    seen = torch.ones(tokens, tokens, dtype=torch.bool).tril()
    exact = scaled_dot_product_attention(*(part.float() for part in parts), is_causal=True).to(torch.bfloat16)
    for found in (attended(*parts, causal=True), attended(*parts, seen)):
        assert found.dtype == torch.bfloat16
        assert torch.equal(found, exact) == (tokens <= FEW)
        assert torch.allclose(found, exact, atol=0.05)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(attended(*parts, causal=True), exact) == (tokens <= FEW)
    double = [part.double() for part in parts]
    assert attended(*double).dtype == torch.float64
