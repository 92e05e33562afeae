"""Priors over tokens: two stages, tokens of other runs, bits of tokens, MaskGIT's drawing and filling."""

import math
import shutil
from itertools import product

import pytest
import torch

from gen_models import load
from gen_models.analysis.token_likelihood import token_likelihood
from gen_models.core.abilities.completion import Completes, Inpaints
from gen_models.core.abilities.likelihood import HasLogProb, HasTokenLogProb
from gen_models.core.abilities.sampling import HasTrajectory
from gen_models.core.abilities.tokens import HasTokens
from gen_models.errors import UsageError
from gen_models.families.parts.masking import hidden_at_random, still_hidden
from gen_models.reports.plan.estimate import estimate
from gen_models.reports.plan.planned import blank
from gen_models.run.build import build_data, build_model
from tests.helpers import assert_same, newest, rows, tensors

SMALL = ["network.encoder.width=8", "network.encoder.hidden=4", "network.encoder.blocks=1", "network.quantiser.codes=8"]
PRIOR = [*SMALL, "model=token_prior", "network.causal.width=8", "network.causal.depth=1", "network.causal.heads=2"]
MASKED = [*SMALL, "model=maskgit", "network.masked.width=8", "network.masked.depth=1", "network.masked.heads=2"]
CONVOLUTIONS = [*SMALL, "model=token_prior", "network=tokens_pixelcnn", "network.causal.width=4"]
SCALES = [*SMALL, "model=token_prior", "network=tokens_pixelcnn_pp", "network.causal.width=4"]
BOTH = pytest.mark.parametrize("options", [PRIOR, MASKED], ids=["token_prior", "maskgit"])


def built(compose_job, options):
    cfg = compose_job(*options)
    build_data(cfg)
    model = build_model(cfg).eval().requires_grad_(False)
    torch.manual_seed(0)
    for parameter in model.drawer.parameters():
        parameter.add_(0.5 * torch.randn_like(parameter))
    return model


@pytest.mark.slow
def test_the_own_tokeniser_is_trained_first_and_then_stays(run_job, tmp_path):
    options = [*PRIOR, "model.space_images=192", "callbacks.checkpoint.every=2", "callbacks.quality.every=0"]
    run = run_job(*options, "turns=3")
    before = tensors(newest(run)["model"])
    run_job(*options, "turns=6", run=run)
    after = tensors(newest(run)["model"])
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"prior"}
    named = rows(run / "metrics.csv")
    assert [bool(row.get("prior/bits_per_token")) for row in named] == [False, False, True, True]
    whole = run_job(*options, "turns=6", run=tmp_path / "whole")
    assert_same(newest(whole)["model"], newest(run)["model"])


def test_what_the_own_tokeniser_notes_is_logged_and_kept_no_longer(run_job):
    run = run_job(*PRIOR, "model.space_images=1000", "turns=2", "log_every=1", "callbacks.quality.every=0")
    named = rows(run / "metrics.csv")
    assert all(1 <= float(row["tokeniser/perplexity"]) <= 8 for row in named)
    assert all(row["tokeniser/dead_codes"] for row in named)


@pytest.fixture
def space(run_job, tmp_path):
    return run_job(*SMALL, "model=vqvae", "turns=3", run=tmp_path / "space")


@BOTH
def test_tokens_of_another_run_are_learned_and_that_run_may_be_gone(options, space, run_job, tmp_path):
    run = run_job(*options, f"model.space={space}", "turns=2", run=tmp_path / "prior")
    x = torch.rand(20, 1, 8, 8) * 2 - 1
    expected = load(space).tokenise(x)
    shutil.rmtree(space)
    model = load(run)
    assert torch.equal(model.tokenise(x), expected)
    assert set(model.clock.moves) == {"prior"}


@pytest.mark.slow
def test_spaces_that_do_not_fit_are_refused(space, run_job, tmp_path):
    for options, words in {
        ("network.quantiser.codes=9",): r"tokens of 8 codes: set network\.quantiser\.codes=8",
        ("network.encoder.halvings=1",): r"a grid of \[2, 2\] tokens, and this one of \[4, 4\]",
    }.items():
        with pytest.raises(UsageError, match=words):
            run_job(*PRIOR, *options, f"model.space={space}", run=tmp_path / "refused")
    other = run_job("model=vae", "network=mlp", "turns=1", run=tmp_path / "vae")
    with pytest.raises(UsageError, match=r"has no tokens: model\.space is a run of model=vqvae or vqgan"):
        run_job(*PRIOR, f"model.space={other}", run=tmp_path / "none")


@pytest.mark.parametrize("options", [PRIOR, CONVOLUTIONS, SCALES], ids=["transformer", "pixelcnn", "pixelcnn_pp"])
def test_the_probabilities_of_all_grids_of_tokens_sum_to_one(options, compose_job):
    model = built(compose_job, [*options, "network.quantiser.codes=4"])
    grids = torch.tensor(list(product(range(4), repeat=4))).view(-1, 2, 2)
    assert model.prior.log_prob(model._pixels(grids)).exp().sum().item() == pytest.approx(1, abs=1e-4)


def test_bits_are_of_tokens_and_no_bits_of_pixels(compose_job):
    model = built(compose_job, PRIOR)
    assert isinstance(model, HasTokenLogProb)
    assert isinstance(model, HasTokens)
    assert isinstance(model, Completes)
    assert not isinstance(model, HasLogProb)
    x = torch.rand(6, 1, 8, 8) * 2 - 1

    class Held:
        split, given = "test", {}

        def __init__(self):
            self.model = model

        def held_out_items(self):
            yield x[:4], None
            yield x[4:], None

    (found,) = token_likelihood(Held())
    assert found.value == pytest.approx(-model.token_log_prob(x).mean().item() / 4 / math.log(2), rel=1e-5)
    assert (found.chance, found.protocol["tokens"], found.protocol["n"]) == (3.0, "2 x 2 x 8", 6)


@BOTH
def test_what_is_kept_stays_and_the_rest_is_drawn(options, compose_job):
    model = built(compose_job, options)
    x = torch.rand(4, 1, 8, 8) * 2 - 1
    torch.manual_seed(0)
    found = model.complete(x, 4)
    assert torch.equal(found[:, :, :4], x[:, :, :4])
    torch.manual_seed(1)
    assert not torch.equal(found, model.complete(x, 4))


def test_tokens_hidden_after_each_step_are_those_of_the_authors():
    """source: google-research/maskgit, cosine schedule, 64 and 49 tokens; its last step leaves one that it ignores."""
    published = {(64, 8): [62, 59, 53, 45, 35, 24, 12, 0], (49, 12): [48, 47, 45, 42, 38, 34, 29, 24, 18, 12, 6, 0]}
    for (count, steps), expected in published.items():
        found = [still_hidden(torch.tensor([count]), step + 1, steps).item() for step in range(steps)]
        assert found == expected
    assert [still_hidden(torch.tensor([3, 0]), step, 8).tolist() for step in (1, 2, 3, 8)] == [
        [2, 0],
        [1, 0],
        [0, 0],
        [0, 0],
    ]


def test_as_many_are_hidden_in_training_as_the_cosine_says():
    torch.manual_seed(0)
    hidden = hidden_at_random(20_000, (4, 4), torch.device("cpu"))
    count = hidden.flatten(1).sum(1)
    assert 1 <= count.min() <= count.max() <= 16
    expected = sum(math.acos(level / 16) * 2 / math.pi for level in range(16))  # E⌈16 cos(πr/2)⌉ = Σ P(cos > k/16)
    assert count.float().mean().item() == pytest.approx(expected, abs=0.1)
    assert hidden.float().mean(0).std() < 0.01


def test_a_drawn_token_is_never_drawn_again_and_a_known_one_never(compose_job):
    model = built(compose_job, MASKED)
    tokens, hidden = torch.randint(8, (50, 2, 2)), torch.rand(50, 2, 2) < 0.7
    before, still = tokens, hidden
    for found, after in model.states(tokens, hidden, torch.zeros(50, dtype=torch.long)):
        assert torch.equal(found[~still], before[~still])
        assert not (after & ~still).any()
        before, still = found, after
    assert not still.any()


def test_one_step_draws_each_token_from_the_distribution_that_the_network_gives(compose_job):
    model = built(compose_job, [*MASKED, "model.steps=1"])
    blank, y = model._blank(4000), torch.zeros(4000, dtype=torch.long)
    ((tokens, _),) = model.states(*blank, y)
    shares = model.masked(torch.full((1, 2, 2), 8)).softmax(1)[0, :, 1, 0]
    found = torch.bincount(tokens[:, 1, 0], minlength=8) / 4000
    assert torch.allclose(found, shares, atol=0.04)


def test_the_film_has_a_picture_a_step_grey_where_tokens_are_hidden(compose_job):
    model = built(compose_job, MASKED)
    model.set_way(steps=3, temperature=4.5)
    assert isinstance(model, HasTrajectory)
    film = model.trajectory(5)
    assert film.shape == (3, 5, 1, 8, 8)
    grey = (film.unfold(3, 4, 4).unfold(4, 4, 4).flatten(5) == 0).all(5).flatten(2).sum(2)
    assert (grey == torch.tensor([[3], [2], [0]])).all()
    with pytest.raises(UsageError, match="at least one step"):
        model.set_way(steps=0, temperature=4.5)


def test_any_region_is_filled_and_what_is_known_of_it_stays(compose_job):
    model = built(compose_job, MASKED)
    assert isinstance(model, Inpaints)
    x, known = torch.rand(4, 1, 8, 8) * 2 - 1, torch.ones(1, 8, 8, dtype=torch.bool)
    known[:, 1:3, 5:7] = False
    found = model.inpaint(x, known)
    assert torch.equal(found[:, known], x[:, known])
    assert not torch.equal(found, x)
    assert torch.equal(model.inpaint(x, torch.ones_like(known)), x)


@pytest.mark.slow
def test_a_plan_counts_both_stages_by_their_shares_of_the_run(compose_job):
    cfg = compose_job(*PRIOR, "images=6400", "model.space_images=1600")
    build_data(cfg)
    plan = estimate(blank(cfg), cfg)
    late = compose_job(*PRIOR, "images=6400", "model.space_images=4800")
    build_data(late)
    assert estimate(blank(late), late).work["prior"].kernels < plan.work["prior"].kernels / 2
    assert plan.work["tokeniser"].kernels > 0
