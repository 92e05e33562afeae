"""A model put together again from its sources: what is said of it must be what it does."""

import re
from io import StringIO

import pytest
import torch
from rich.cells import cell_len
from rich.console import Console
from torch import nn

from gen_models.api.composing import composed
from gen_models.core.batch import Batch
from gen_models.core.clock import WarmCritic
from gen_models.losses.adversarial import LeastSquares, Wasserstein
from gen_models.losses.penalties import GradientPenalty
from gen_models.losses.scales import ScaleConsistency
from gen_models.media.pixels import to_unit_range
from gen_models.randomness import isolated
from gen_models.reports.explain.rhythm import every, rates
from gen_models.reports.explain.screen import screen
from gen_models.reports.explain.sheet import terms_of
from gen_models.reports.explain.source import formula, is_formula, multiplied, place, short
from gen_models.run.build import build_data, build_model
from gen_models.run.conf import CONF, PACKAGE

KINDS = "wgan_gp progan vae pixelcnn_pp draw infogan lapgan aae_semi glo judged vaegan dip glow acgan".split()
"""One model of each kind of objective; the others are for the whole suite."""
STAGED = ("latent_flow", "maskgit", "token_prior", "var", "vqvae_2_prior")
"""Their first stage's terms are those of another model."""
MODELS = [
    pytest.param(name, marks=() if name in KINDS else pytest.mark.slow)
    for name in sorted(path.stem for path in CONF.glob("model/*.yaml"))
    if name not in STAGED
]
OPTIONAL = {"ddpm": ["bound"]}
"""Terms that are read and computed with other options only."""
HIDDEN = {"vqvae": ["commitment"], "vqgan": ["commitment"], "vqvae_2": ["top_commitment", "commitment"]}
"""Terms that a network asks for, whose source is not read."""


def built(tmp_path, *overrides):
    with composed(["data=digits", f"paths.cache={tmp_path}", *overrides]) as cfg:
        source = build_data(cfg)
        model = build_model(cfg)
        console = Console(width=100, highlight=False, record=True, file=StringIO())
        console.print(screen(model, cfg))
    return model, source, console.export_text()


@pytest.mark.parametrize("name", MODELS)
def test_the_terms_that_are_read_are_those_that_are_computed(name, tmp_path):
    model, source, text = built(tmp_path, f"model={name}")
    x, y = source.train.gather(list(range(4)))
    batch = Batch(to_unit_range(x), y, torch.arange(4))
    with isolated("test"):
        model.prepare(source)
        for player in model.players():
            losses = player.losses(batch if player.before is None else player.before(batch))
            losses |= player.lazy.losses(batch, tuple(player.lazy.every)) if player.lazy is not None else {}
            seen = [term for term in losses if term not in HIDDEN.get(name, ())]
            assert list(terms_of(player)) == [*seen, *OPTIONAL.get(name, ())]
    assert len(text.splitlines()) <= 45
    assert max(map(cell_len, text.splitlines())) <= 100
    for file, line in re.findall(r"(\S+\.py):(\d+)", text):
        assert re.match(r"\s*(?:class|def|@)", (PACKAGE / file).read_text().splitlines()[int(line) - 1])


def test_wgan_gp_is_explained_on_one_screen(tmp_path):
    _, _, text = built(tmp_path, "model=wgan_gp")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "model=wgan_gp network=wgan_gp loss=wasserstein penalty=[gp] data=digits" in lines
    assert "critic moves on every turn · Adam · lr 1e-4 · betas 0.5, 0.9" in lines
    assert "generator moves on every 5th turn · Adam · lr 1e-4 · betas 0.5, 0.9" in lines
    assert any(line.startswith("adversarial E D(G(z)) - E D(x) losses/adversarial.py:") for line in lines)
    assert any(line.startswith("gp 10 · E (‖∇D(x̂)‖ - 1)² losses/penalties.py:") for line in lines)


def test_overrides_change_what_is_explained(tmp_path):
    lazy = ["penalty=[r1]", "penalty.r1.weight=3", "penalty.r1.every=4"]
    _, _, text = built(tmp_path, "model=wgan_gp", *lazy, "loss=hinge")
    assert "3 · ½ E ‖∇D(x)‖²" in text
    assert text.count(" r1 ") == 2
    assert "critic moves on every turn · r1 by itself on every 4th move · Adam" in " ".join(text.split())
    assert "max(0, 1 - D(x))" in text
    assert "10 ·" not in text


def test_a_weight_that_a_method_gives_stands_before_its_term(tmp_path):
    _, _, text = built(tmp_path, "model=vae", "network=mlp", "model.beta=4")
    assert "4 · Σ max(λ, E KL)" in text
    _, _, text = built(tmp_path, "model=vae", "network=mlp", "model.beta=4", "model.warm_up=1000")
    assert "4 · Σ" not in text, "it is no constant then"


@pytest.mark.parametrize(("model", "said"), [("edm", "E λ(σ) (D(x + σ ε; σ) - x)²"), ("energy", "Energy of data less")])
def test_what_a_term_is_made_of_is_not_taken_for_it(tmp_path, model, said):
    points = ["data=toy2d", f"network=mlp_{'denoiser' if model == 'edm' else 'energy'}"]
    _, _, text = built(tmp_path, f"model={model}", *points)
    assert said in text


def test_numbers_stand_where_the_docstring_names_them():
    assert formula(LeastSquares(a=-1, b=1, c=0).critic, LeastSquares(a=-1)) == "½ E (D(x) - 1)² + ½ E (D(G(z)) - -1)²"
    penalty = GradientPenalty(weight=10.0, target=2.0)
    assert formula(penalty.measure, penalty, 10.0) == "10 · E (‖∇D(x̂)‖ - 2)²"
    loss = Wasserstein()
    assert formula(loss.critic, loss, -1.0) == "-(E D(G(z)) - E D(x))"


def test_a_sentence_is_no_formula_and_gets_no_factor_before_it():
    assert not is_formula("Give the critic's loss, a scalar")
    assert multiplied("The distance of samples", 0.5) == "The distance of samples (times 0.5)"


def test_a_weight_is_said_also_where_there_is_no_formula():
    loss = ScaleConsistency(weight=300.0)
    assert formula(loss.__call__, loss).endswith("(times 300)")


def test_optimizers_say_only_what_differs_from_their_defaults():
    weights = [nn.Parameter(torch.zeros(1))]
    assert rates(torch.optim.Adam(weights, lr=2e-4, fused=True)) == "Adam · lr 2e-4"
    assert rates(torch.optim.SGD(weights, lr=0.02, momentum=0.5)) == "SGD · lr 0.02 · momentum 0.5"
    assert [every(k) for k in (1, 2, 11, 23)] == [
        "moves on every turn",
        *(f"moves on every {which} turn" for which in ("2nd", "11th", "23rd")),
    ]
    assert every(WarmCritic()) == "moves by WarmCritic(steps 5, many 100, first 25, again 500)"


def test_numbers_are_written_briefly():
    assert [short(value) for value in (1e-4, 0.001, 0.02, 1.0, 24000, 0.125, 2.5e-5, 0)] == [
        *("1e-4", "1e-3", "0.02", "1", "24,000", "0.125", "2.5e-5", "0"),
    ]


def test_foreign_parts_have_no_place():
    assert place(nn.Linear) == ""
    assert place(Wasserstein).startswith("losses/adversarial.py:")
