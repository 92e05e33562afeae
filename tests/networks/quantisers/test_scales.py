"""Facts of multi-scale quantisation: the paper's grids, what scales leave over, one codebook, the authors' numbers."""

import pytest
import torch

from gen_models.networks.layers.weights import normal_weight
from gen_models.networks.quantisers.scales import MultiScaleVQ, shrinking


@pytest.fixture
def quantiser():
    torch.manual_seed(0)
    quantiser = MultiScaleVQ(shape=(1, 28, 28), size=3, halvings=2, codes=16, shrink=0.65)
    for mixer in quantiser.mixers:
        normal_weight(mixer, 0.1)
    return quantiser


def test_sides_shrink_to_those_of_the_paper():
    """source: FoundationVision/VAR 78b9539 models/vqvae.py: v_patch_nums."""
    assert shrinking(16, 0.8) == [1, 2, 3, 4, 5, 6, 8, 10, 13, 16]
    assert shrinking(7, 0.65) == [1, 2, 3, 5, 7]
    assert shrinking(1, 0.8) == [1]
    assert shrinking(4, 0.0) == [1, 4]


def test_a_map_is_the_sum_of_its_scales(quantiser):
    z = torch.randn(4, 3, 7, 7)
    found = quantiser(z)
    assert found.tokens.shape == (4, 1, 1 + 4 + 9 + 25 + 49)
    assert [tuple(part.shape[1:]) for part in quantiser.split(found.tokens)] == quantiser.grids
    *_, total = sums = list(quantiser.sums(found.tokens))
    assert len(sums) == 5
    assert torch.allclose(total, quantiser.embed(found.tokens))
    assert torch.allclose(total, found.z, atol=1e-5)


def test_each_scale_quantises_what_those_before_it_leave_over(quantiser):
    z = torch.randn(4, 3, 7, 7)
    before = quantiser.sums_before(tokens := quantiser(z).tokens)
    for scale, total in enumerate(before, 1):
        rest = torch.nn.functional.adaptive_avg_pool2d(z - total, quantiser.grids[scale])
        expected = torch.cdist(rest.permute(0, 2, 3, 1), quantiser.codebook).argmin(-1)
        assert torch.equal(quantiser.split(tokens)[scale], expected)


def test_the_first_token_is_nearest_to_the_mean_of_the_map(quantiser):
    z = torch.randn(50, 3, 7, 7)
    assert torch.equal(quantiser(z).tokens[:, 0, 0], torch.cdist(z.mean((2, 3)), quantiser.codebook).argmin(1))


def test_the_gradient_of_the_sum_reaches_the_map_unchanged_and_only_the_losses_move_codes(quantiser):
    z, wanted = torch.randn(4, 3, 7, 7, requires_grad=True), torch.randn(4, 3, 7, 7)
    found = quantiser(z)
    weights = [z, quantiser.codebook]
    of_map, of_codes = torch.autograd.grad((found.z * wanted).sum(), weights, retain_graph=True, allow_unused=True)
    assert torch.equal(of_map, wanted)
    assert of_codes is None
    of_map, of_codes = torch.autograd.grad(found.losses["codebook"], weights, retain_graph=True, allow_unused=True)
    assert of_map is None
    assert of_codes.abs().sum() > 0
    of_map, of_codes = torch.autograd.grad(found.losses["commitment"], weights, allow_unused=True)
    assert of_map.abs().sum() > 0
    assert of_codes is None


def test_convolutions_are_shared_as_by_the_authors():
    """source: FoundationVision/VAR 78b9539 models/quant.py: PhiPartiallyShared."""
    of_ten = MultiScaleVQ(shape=(3, 256, 256), size=2, halvings=4, codes=4)
    assert [of_ten._mixer(scale) for scale in range(10)] == [0, 0, 1, 1, 1, 2, 2, 3, 3, 3]
    two = MultiScaleVQ(shape=(1, 28, 28), size=2, halvings=2, codes=4, shrink=0.65, mixers=2)
    assert [two._mixer(scale) for scale in range(5)] == [0, 0, 0, 1, 1]


def test_losses_equal_the_authors():
    """source: FoundationVision/VAR 78b9539 models/quant.py: VectorQuantizer2, run with these numbers."""
    quantiser = numbered(MultiScaleVQ(shape=(1, 8, 8), size=2, halvings=1, codes=5, scales=[1, 2, 4]))
    z = torch.sin(torch.arange(2 * 2 * 4 * 4).double()).float().view(2, 2, 4, 4)
    found = quantiser(z)
    tokens = ["420232304332433223344", "423233332230433223044"]
    assert found.tokens.flatten(1).tolist() == [[int(token) for token in row] for row in tokens]
    assert sum(found.losses.values()).item() == pytest.approx(2.9639664, rel=1e-5)
    assert found.z.square().mean().item() == pytest.approx(2.8914464, rel=1e-5)


def numbered(quantiser):
    """Put plain numbers into all weights."""
    with torch.no_grad():
        for scale, weight in enumerate(quantiser.parameters(), 1):
            weight.copy_(torch.cos(scale * torch.arange(weight.numel()).double()).float().view_as(weight))
    return quantiser


def test_wide_maps_have_wide_grids_and_others_are_refused():
    wide = MultiScaleVQ(shape=(1, 8, 32), size=2, halvings=1, codes=4, scales=[1, 2, 4])
    assert wide.grids == [(1, 4), (2, 8), (4, 16)]
    assert wide(torch.randn(2, 2, 4, 16)).tokens.shape == (2, 1, 4 + 16 + 64)
    with pytest.raises(ValueError, match="the encoder has"):
        wide.token_grids((4, 4))
    for scales in ([1, 2], [2, 1, 4], [1, 1, 4], []):
        with pytest.raises(ValueError, match="must rise to the 4 rows of the map"):
            MultiScaleVQ(shape=(1, 8, 8), size=2, halvings=1, codes=4, scales=scales)


def test_unused_codes_begin_anew_at_what_is_left_over(quantiser):
    z = torch.randn(8, 3, 7, 7)
    with torch.no_grad():
        quantiser.codebook[8:] += 100
    kept = quantiser.codebook[:8].clone()
    for _ in range(400):
        quantiser.follow(z, quantiser(z).tokens)
    assert quantiser(z).tokens.unique().numel() == 16
    assert quantiser.codebook.abs().max() < 10
    assert torch.equal(quantiser.codebook[:8], kept), "codes in use stay"


def test_tokens_are_those_of_float32_at_any_precision(quantiser):
    z = torch.randn(8, 3, 7, 7)
    expected = quantiser(z)
    with torch.autocast("cpu", torch.bfloat16):
        found = quantiser(z)
        assert torch.equal(quantiser.embed(found.tokens), quantiser.embed(expected.tokens))
    assert torch.equal(found.tokens, expected.tokens)
    assert torch.equal(found.z, expected.z)
