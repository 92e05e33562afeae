"""Facts of VQ-VAE-2: two levels in one grid, the bottom given the top, and a prior over both."""

import pytest
import torch

from gen_models import load
from gen_models.core.abilities.codes import Encodes, Reconstructs
from gen_models.core.abilities.tokens import HasTokens
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.families.vqvae_2 import VQVAE2
from gen_models.networks.quantisers.codebooks import AveragedVQ
from gen_models.run.build import build_data, build_model
from tests.helpers import rows

SIZES = ["network.maps.width=8", "network.maps.hidden=4", "network.maps.blocks=1", "network.quantiser.codes=8"]
PRIOR = ["model=vqvae_2_prior", *SIZES, "network.causal.width=8", "network.causal.depth=1", "network.causal.heads=2"]
SMALL = ["model=vqvae_2", *SIZES]


@pytest.fixture
def model(compose_job):
    cfg = compose_job(*SMALL)
    build_data(cfg)
    return build_model(cfg).eval()


def test_both_levels_are_one_grid_the_top_first(model):
    assert all(isinstance(model, ability) for ability in (HasTokens, Reconstructs))
    assert not isinstance(model, Encodes)
    assert (*model.token_grids, model.grid) == ((2, 2), (4, 4), (10, 2))
    x = torch.rand(3, 1, 8, 8) * 2 - 1
    tokens = model.tokenise(x)
    top, bottom = model.levels(tokens)
    assert (tokens.shape, top.shape, bottom.shape) == ((3, 10, 2), (3, 2, 2), (3, 4, 4))
    assert torch.equal(model.stacked(top, bottom), tokens)
    assert torch.equal(tokens.flatten(1)[:, :4], top.flatten(1))
    assert torch.equal(tokens.flatten(1)[:, 4:], bottom.flatten(1))
    assert torch.equal(model.reconstruct(x), model.detokenise(tokens))


def test_the_bottom_level_is_conditioned_on_the_top_and_never_the_other_way_round(model):
    x = torch.rand(2, 1, 8, 8) * 2 - 1
    features = model.maps.features(x).detach()
    top = torch.randn(2, model.maps.size, 2, 2, requires_grad=True)
    model.maps.fine(features, top).sum().backward()
    assert top.grad.abs().min() > 0
    before = model.tokenise(x)
    with torch.no_grad():
        model.maps.bottom.last.weight.add_(torch.randn_like(model.maps.bottom.last.weight))
    assert torch.equal(model.levels(model.tokenise(x))[0], model.levels(before)[0])


def test_gradients_pass_both_quantisers(model):
    batch = Batch(torch.rand(4, 1, 8, 8), torch.zeros(4, dtype=torch.long), torch.arange(4))
    losses = model.losses(batch)
    assert list(losses) == ["reconstruction", "top_commitment", "commitment"]
    losses["reconstruction"].backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.maps.parameters() if p.dim() > 1)


def test_levels_of_different_codes_are_refused(model):
    for codes, words in {AveragedVQ(64, 9): "as many codes", AveragedVQ(5, 8): "have 64 numbers"}.items():
        with pytest.raises(UsageError, match=words):
            VQVAE2(model.maps, codes, model.quantiser, model.loss, optimizers={})


def test_a_prior_draws_the_top_level_and_then_the_bottom_level_given_it(run_job, tmp_path):
    space = run_job(*SMALL, "turns=2", "log_every=2", run=tmp_path / "space")
    assert {"vqvae_2/top_perplexity", "vqvae_2/bottom_perplexity"} <= set(rows(space / "metrics.csv")[0])
    model = load(run_job(*PRIOR, f"model.space={space}", "turns=2", run=tmp_path / "prior"))
    assert torch.equal(model.tokenise(x := torch.rand(4, 1, 8, 8)), load(space).tokenise(x))
    changed = model.tokenise(x)
    changed[:, 2:] = (changed[:, 2:] + 1) % 8  # the bottom level
    logits, others = (model.prior.causal(model._pixels(tokens)) for tokens in (model.tokenise(x), changed))
    assert torch.equal(logits[:, :, :2], others[:, :, :2])
    with pytest.raises(UsageError, match="the top tokens see the whole picture"):
        model.complete(x, 4)
