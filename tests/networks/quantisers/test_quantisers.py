"""Facts of quantisers: straight-through gradients, codes as means, codebooks that stay alive, grids."""

from copy import deepcopy

import pytest
import torch

from gen_models.networks.layers import ranks
from gen_models.networks.quantisers.base import flat, nearest
from gen_models.networks.quantisers.codebooks import VQ, AveragedVQ
from gen_models.networks.quantisers.fsq import FSQ
from gen_models.networks.quantisers.usage import Usage

CODEBOOKS = [VQ, AveragedVQ]


def maps(n=4, size=3, side=5):
    torch.manual_seed(0)
    return torch.randn(n, size, side, side)


@pytest.mark.parametrize("kind", CODEBOOKS)
def test_the_gradient_of_a_code_reaches_the_vector_unchanged(kind):
    z, quantiser = maps().requires_grad_(), kind(3, 16)
    found, wanted = quantiser(z), torch.randn(4, 3, 5, 5)
    assert torch.allclose(found.z, quantiser.embed(found.tokens), atol=1e-6)
    assert torch.equal(torch.autograd.grad((found.z * wanted).sum(), z)[0], wanted)


@pytest.mark.parametrize("kind", CODEBOOKS)
def test_the_nearest_code_is_that_of_the_least_distance(kind):
    z, quantiser = maps(), kind(3, 16)
    expected = torch.cdist(flat(z), quantiser.codebook).argmin(1)
    assert torch.equal(quantiser(z).tokens.flatten(), expected)


def test_codes_of_vqgan_begin_within_their_share_of_zero():
    """source: CompVis/taming-transformers 3ba01b2 taming/modules/vqvae/quantize.py: VectorQuantizer2."""
    codebook = VQ(8, 64, narrow=True).codebook
    assert 0.9 / 64 < codebook.abs().max() <= 1 / 64
    assert VQ(8, 64).codebook.std().item() == pytest.approx(8**-0.5, rel=0.1)


def test_each_term_moves_its_own_side_alone():
    z, quantiser = maps().requires_grad_(), VQ(3, 16, commitment=0.5)
    losses = quantiser(z).losses
    assert set(losses) == {"codebook", "commitment"}
    assert torch.isclose(losses["commitment"], 0.5 * losses["codebook"])
    for name, moved, still in [("codebook", quantiser.codebook, z), ("commitment", z, quantiser.codebook)]:
        gradients = torch.autograd.grad(losses[name], [moved, still], allow_unused=True, retain_graph=True)
        assert gradients[0].abs().max() > 0
        assert gradients[1] is None
    assert not list(AveragedVQ(3, 16).parameters())


def clusters(quantiser, turns=400, n=32):
    """Follow vectors around as many points as there are codes that they start beside, and give the points."""
    points = quantiser.codebook[:4] + 0.1
    z = points.repeat(n, 1).t().reshape(1, 3, -1, 1)
    for _ in range(turns):
        quantiser.follow(z, nearest(z, quantiser.codebook))
    return points


def test_codes_become_the_means_of_their_vectors_and_those_without_any_stay_where_they_are():
    torch.manual_seed(0)
    quantiser = AveragedVQ(3, 8, decay=0.9, revived=0.0)
    quantiser.codebook.copy_(quantiser.sums.copy_(5 * torch.randn(8, 3)))
    before = quantiser.codebook.clone()
    points = clusters(quantiser, turns=2000)  # 0.9²⁰⁰⁰ is no number any more
    assert torch.allclose(quantiser.codebook[:4], points, atol=1e-4)
    assert torch.allclose(quantiser.codebook[4:], before[4:], atol=1e-5)


def test_codes_that_start_without_a_count_explode_in_one_update():
    """source: rosinality/vq-vae-2-pytorch vqvae.py, Quantize: counts from 0 beside sums from the codes."""
    torch.manual_seed(0)
    codes, vectors, decay, epsilon = torch.randn(64, 8), torch.randn(500, 8) * 0.1, 0.99, 1e-5
    index = torch.randint(5, (500,))
    counts = (1 - decay) * torch.bincount(index, minlength=64)
    sums = decay * codes + (1 - decay) * torch.zeros(64, 8).index_add_(0, index, vectors)
    smoothed = (counts + epsilon) / (counts.sum() + 64 * epsilon) * counts.sum()
    assert codes[5:].norm(dim=1).median() < 3
    assert (sums / smoothed[:, None])[5:].norm(dim=1).median() > 100_000

    ours = AveragedVQ(8, 64, revived=0.0)
    ours.codebook.copy_(ours.sums.copy_(codes))
    ours.follow(vectors.t()[None, :, :, None], index[None, :, None])
    assert torch.allclose(ours.codebook[5:], codes[5:], rtol=1e-6)


def test_an_unused_code_begins_anew_at_a_vector_and_is_not_taken_back_by_its_average():
    torch.manual_seed(0)
    quantiser = AveragedVQ(3, 8, decay=0.9, revived=0.05)
    quantiser.codebook.copy_(quantiser.sums.copy_(5 * torch.randn(8, 3)))
    far = quantiser.codebook[4:].clone()
    points = clusters(quantiser, turns=60)
    assert (torch.cdist(quantiser.codebook, points).min(1).values < 0.1).all()
    assert (torch.cdist(quantiser.codebook[4:], far).diagonal() > 0.1).all()
    before = quantiser.codebook.clone()
    quantiser.follow(points[:1].t()[None, :, :, None], torch.zeros(1, 1, 1, dtype=torch.long))
    assert torch.allclose(quantiser.codebook[4:], before[4:], atol=1e-5)


def test_looking_moves_nothing():
    quantiser = AveragedVQ(3, 16).train()
    before = deepcopy(quantiser.state_dict())
    quantiser(maps())
    assert all(torch.equal(value, before[name]) for name, value in quantiser.state_dict().items())


def test_perplexity_counts_codes_as_if_evenly_used_over_a_window_and_not_in_a_batch():
    usage = Usage(64)
    for turn in range(100):
        usage.observe(torch.arange(4) + 4 * (turn % 8))  # four codes a batch, 32 in all
    assert usage.perplexity().item() == pytest.approx(32, rel=0.01)
    assert usage.dead().item() == 32
    collapsed = Usage(64)
    collapsed.observe(torch.zeros(100, dtype=torch.long))
    assert collapsed.perplexity().item() == pytest.approx(1)
    assert Usage(8).dead() == 8


def test_two_ranks_learn_the_codebook_of_one_process_with_both_shares(monkeypatch):
    one = AveragedVQ(3, 16, revived=0.0)
    first, second, z = deepcopy(one), deepcopy(one), maps()
    heard = []
    monkeypatch.setattr(ranks, "grouped", lambda: True)
    monkeypatch.setattr(ranks.dist, "broadcast", lambda x, source: None)
    monkeypatch.setattr(ranks.dist, "all_reduce", lambda x: heard.append(x.clone()))
    second.follow(z[2:], second(z[2:]).tokens)
    monkeypatch.setattr(ranks.dist, "all_reduce", lambda x: x.add_(heard.pop(0)))
    first.follow(z[:2], first(z[:2]).tokens)
    monkeypatch.setattr(ranks, "grouped", lambda: False)
    one.follow(z, one(z).tokens)
    assert not heard
    assert all(torch.allclose(value, first.state_dict()[name], atol=1e-6) for name, value in one.state_dict().items())


@pytest.mark.parametrize(("levels", "codes"), [((8, 5, 5, 5), 1000), ((8, 6, 5), 240), ((8, 8, 8, 6, 5), 15_360)])
def test_the_grid_of_fsq_has_as_many_codes_as_published_and_a_number_for_each(levels, codes):
    quantiser = FSQ(levels)
    assert (quantiser.codes, quantiser.size) == (codes, len(levels))
    points = quantiser.embed(torch.arange(codes).view(1, -1, 1))[0, :, :, 0].t()
    assert len(points.unique(dim=0)) == codes
    assert points.abs().max() == 1
    vectors = 1.2 * torch.randn(1, len(levels), 20_000, 1)
    found = quantiser(vectors)
    assert torch.allclose(found.z, quantiser.embed(found.tokens), atol=1e-6)
    assert len(found.tokens.unique()) > 0.3 * codes


def test_fsq_bounds_and_numbers_are_those_of_the_authors_program():
    quantiser, z = FSQ((3, 5, 4, 8)), torch.tensor([0.25, 0.6, -7.0, 1.2])[None, :, None, None]
    # source: google-research/google-research 5e78683, fsq/fsq.ipynb
    assert quantiser.bounded(z).flatten().tolist() == pytest.approx([0.244674, 1.073025, -1.998495, 2.551135], abs=2e-6)
    found = quantiser(z)
    assert found.z.flatten().tolist() == pytest.approx([0, 0.5, -1, 0.75])
    assert found.tokens.item() == 430


def test_fsq_rounds_to_each_of_its_values_and_hands_gradients_through():
    quantiser = FSQ((5, 8))
    z = torch.linspace(-4, 4, 801).repeat(2, 1)[None, :, :, None].requires_grad_()
    found = quantiser(z)
    assert [len(found.z[0, i].detach().mul(8).round().unique()) for i in range(2)] == [5, 8]
    assert (torch.autograd.grad(found.z.sum(), z)[0] > 0).all()
    assert not found.losses
    assert not list(quantiser.parameters())
