"""Facts of VQGAN: a critic that waits for its turn, a weight that balances, tokens for priors."""

import pytest
import torch

from gen_models import load
from gen_models.core.abilities.codes import Decodes, Encodes, Reconstructs
from gen_models.core.abilities.judgement import Scores
from gen_models.core.abilities.tokens import HasTokens
from gen_models.core.batch import Batch
from gen_models.run.build import build_data, build_model
from tests.helpers import newest, rows, tensors

SMALL = ["network.encoder.width=8", "network.encoder.blocks=1", "network.quantiser.codes=8", "network.encoder.size=4"]
VQGAN = ["model=vqgan", *SMALL, "network.discriminator.width=4"]
PRIOR = ["model=token_prior", *SMALL, "network.causal.width=8", "network.causal.depth=1", "network.causal.heads=2"]
MASKED = ["model=maskgit", *SMALL, "network.masked.width=8", "network.masked.depth=1", "network.masked.heads=2"]


@pytest.fixture
def model(compose_job):
    cfg = compose_job(*VQGAN)
    build_data(cfg)
    return build_model(cfg)


def batch(n=6):
    return Batch(torch.rand(n, 1, 8, 8) * 2 - 1, torch.zeros(n, dtype=torch.long), torch.arange(n))


def test_it_has_the_abilities_of_a_tokeniser_and_of_a_critic(model):
    assert all(isinstance(model, ability) for ability in (HasTokens, Encodes, Decodes, Reconstructs, Scores))
    x = batch().x
    model.eval()
    assert torch.equal(model.reconstruct(x), model.detokenise(model.tokenise(x)))
    assert torch.allclose(model.score(x, None), model.discriminator(x).mean(1))


@pytest.mark.parametrize("kit", ["vqgan", "vqgan_gradient"])
def test_the_published_networks_take_the_same_game(kit, compose_job):
    cfg = compose_job(*VQGAN, f"network={kit}")
    build_data(cfg)
    terms = build_model(cfg).losses(batch())
    assert list(terms)[:3] == ["reconstruction", "features", "adversarial"]


def test_both_losses_pull_the_last_layer_equally_hard(model):
    model.game = 1.0
    terms = model.losses(batch())
    last = model.decoder.last
    distance, game = (
        torch.autograd.grad(term, last, retain_graph=True)[0].norm()
        for term in (terms["reconstruction"] + terms["features"], terms["adversarial"])
    )
    assert game.item() == pytest.approx(distance.item(), rel=0.02)  # but for δ


@pytest.mark.parametrize(("options", "passes"), [([], 2), (["model.features=0"], 1)], ids=["features", "none"])
def test_originals_pass_the_critic_only_where_a_term_needs_them(compose_job, options, passes):
    cfg = compose_job(*VQGAN, *options)
    build_data(cfg)
    model = build_model(cfg)
    seen = []
    model.discriminator.register_forward_hook(lambda *_: seen.append(1))
    forward = model.discriminator.trace
    model.discriminator.trace = lambda x: seen.append(1) or forward(x)
    assert ("features" in model.losses(batch())) == (passes == 2)
    assert len(seen) == passes


def test_critic_and_decoder_play_about_what_leaves_the_range_of_pixels_too(model):
    """source: CompVis/taming-transformers, taming/modules/losses/vqperceptual.py: reconstructions are not clamped."""
    seen = []
    model.discriminator.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        model.decoder.up[-1].bias.fill_(-3)
    model.critic_losses(batch())
    assert seen[0].min() >= -1 > -2.5 > seen[1].max(), "an original, then its reconstruction"
    raw = torch.full((6, 1, 8, 8), -3.0, requires_grad=True)
    logits = model.discriminator(model.loss.mean(raw))
    assert torch.autograd.grad(logits.sum(), raw)[0].abs().max() > 0
    assert model.loss.image(raw).min() == -1


def test_a_fixed_perceptual_distance_counts_before_the_game_begins(compose_job):
    cfg = compose_job(*VQGAN, "judge=[perceptual]", "judge.perceptual.network.resize=32")
    build_data(cfg)
    model = build_model(cfg)
    assert list(model.losses(batch()))[:4] == ["reconstruction", "perceptual", "features", "adversarial"]
    model.game = 0.0
    terms = model.losses(batch())
    assert list(terms) == ["reconstruction", "perceptual", "commitment"]
    assert 0 < terms["perceptual"] < 2
    assert not [name for name in model.state_dict() if name.startswith("judges")]


def test_the_critic_waits_until_the_clock_begins_the_game(run_job):
    options = [*VQGAN, "model.schedules.game.starts=[2]", "log_every=1", "callbacks.checkpoint.every=2"]
    options += ["callbacks.quality.every=0"]
    run = run_job(*options, "turns=2")
    before = tensors(newest(run)["model"])
    run_job(*options, "turns=3", run=run)
    after = tensors(newest(run)["model"])
    named = [row for row in rows(run / "metrics.csv") if row["autoencoder/reconstruction"]]
    assert [bool(row.get("critic/adversarial")) for row in named] == [False, False, True]
    assert [bool(row.get("autoencoder/adaptive_weight")) for row in named] == [False, False, True]
    assert not torch.equal(before["discriminator.head.weight"], after["discriminator.head.weight"])
    assert newest(run)["model"]["_extra_state"]["moves"] == {"autoencoder": 3, "critic": 1}


@pytest.mark.parametrize("options", [PRIOR, pytest.param(MASKED, marks=pytest.mark.slow)], ids=["prior", "maskgit"])
def test_priors_learn_its_tokens(options, run_job, tmp_path):
    space = run_job(*VQGAN, "turns=2", run=tmp_path / "space")
    model = load(run_job(*options, f"model.space={space}", "turns=2", run=tmp_path / "prior"))
    x = batch().x
    assert torch.equal(model.tokenise(x), load(space).tokenise(x))
    assert model.sample(3).shape == (3, 1, 8, 8)
