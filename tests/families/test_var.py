"""Facts of VAR: probabilities of all pyramids of tokens, guidance that rises, tokens that are kept."""

import math
from itertools import product

import pytest
import torch

from gen_models import load
from gen_models.core.abilities.completion import Completes, Inpaints
from gen_models.core.abilities.likelihood import HasTokenLogProb
from gen_models.core.abilities.sampling import HasEvaluations, HasTrajectory, HasWay
from gen_models.core.abilities.tokens import HasTokens
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.families.parts.sampling import drawn_among
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data
from tests.families.test_token_models import built
from tests.helpers import rows

SIZES = ["network=var", "network.encoder.width=8", "network.encoder.hidden=4", "network.encoder.blocks=1"]
SMALL = [*SIZES, "network.encoder.size=4", "network.quantiser.codes=8"]
NARROW = [
    "model=var",
    *SMALL,
    "network.transformer.width=8",
    "network.transformer.depth=1",
    "network.transformer.heads=2",
]
TOLD = [*NARROW, "network.transformer.classes=${spec.num_classes}"]


@pytest.fixture
def model(compose_job):
    return built(compose_job, [*NARROW])


def test_it_draws_shows_keeps_and_scores_tokens_and_no_pixels(model):
    abilities = (HasTokens, HasTokenLogProb, HasTrajectory, HasEvaluations, HasWay, Completes, Inpaints)
    assert all(isinstance(model, ability) for ability in abilities)
    assert (list(model.token_grids), model.grid, model.evaluations) == ([(1, 1), (2, 2)], (1, 5), 2)
    x = torch.rand(3, 1, 8, 8) * 2 - 1
    assert model.tokenise(x).shape == (3, 1, 5)
    assert torch.equal(model.reconstruct(x), model.detokenise(model.tokenise(x)))


def test_the_probabilities_of_all_pyramids_of_tokens_sum_to_one(compose_job):
    model = built(compose_job, [*NARROW, "network.quantiser.codes=3"])
    tokens = torch.tensor(list(product(range(3), repeat=5)))[:, None]
    logs = model._logits(tokens, torch.zeros(len(tokens), dtype=torch.long)).log_softmax(1)
    assert logs.gather(1, tokens).sum(2).exp().sum().item() == pytest.approx(1, abs=1e-4)


def test_tokens_are_drawn_as_often_as_the_network_says(model):
    model.set_way(top_k=0, top_p=1.0)
    y = torch.zeros(1, dtype=torch.long)
    first = model._logits(torch.zeros(1, 1, 5, dtype=torch.long), y)[0, :, 0].softmax(0)
    torch.manual_seed(0)
    maps = next(model.states(torch.zeros(4000, dtype=torch.long)))
    codes = torch.stack([model.space.quantiser.enlarged(0, torch.full((1, 1, 1), code)) for code in range(8)])
    drawn = (maps[:, None] - codes[None, :, 0]).flatten(2).abs().sum(2).argmin(1)
    assert torch.allclose(torch.bincount(drawn, minlength=8) / 4000, first, atol=0.03)


def test_the_film_ends_with_the_sample_and_has_a_picture_a_scale(model):
    torch.manual_seed(0)
    film = model.trajectory(4)
    torch.manual_seed(0)
    assert torch.equal(film[-1], model.sample(4))
    assert film.shape == (2, 4, 1, 8, 8)


def test_known_pixels_stay_and_known_tokens_are_not_drawn(model):
    x = torch.rand(4, 1, 8, 8) * 2 - 1
    assert torch.equal(model.inpaint(x, torch.ones(1, 8, 8, dtype=torch.bool)), x)
    completed = model.complete(x, 4)
    assert torch.equal(completed[:, :, :4], x[:, :, :4])
    assert not torch.equal(completed, model.complete(x, 4))
    tokens, every = model.tokenise(x), [torch.ones(4, *grid, dtype=torch.bool) for grid in model.token_grids]
    *_, total = model.states(torch.zeros(4, dtype=torch.long), tokens, every)
    assert torch.allclose(total, model.space.quantiser.embed(tokens), atol=1e-6)


def test_guidance_rises_from_nothing_at_the_first_scale(compose_job):
    model, y = built(compose_job, [*TOLD]), torch.tensor([1, 2, 3])
    plain = dict(model.way)

    def drawn(scale):
        model.set_way(**{**plain, "guidance": scale})
        torch.manual_seed(0)
        return list(model.states(y))

    first, second = zip(drawn(1.0), drawn(6.0), strict=True)
    assert torch.equal(*first)
    assert not torch.equal(*second)


def test_classes_are_hidden_in_training_as_often_as_asked(compose_job):
    model = built(compose_job, [*TOLD, "model.guidance.dropout=1.0"])
    y, x = torch.arange(4), torch.rand(4, 1, 8, 8) * 2 - 1
    hidden = model.drawer_losses(model.coded(Batch(x, y, y)))["nats_per_token"]
    assert hidden.item() == pytest.approx(-model.token_log_prob(x, torch.full((4,), 10)).mean().item() / 5, rel=1e-5)


def test_only_the_likeliest_are_drawn():
    logits = torch.tensor([0.4, 0.3, 0.2, 0.1]).log().expand(5000, 4)[..., None]
    for top_k, top_p, expected in ((0, 1.0, 4), (2, 1.0, 2), (0, 0.65, 2), (0, 0.75, 3), (3, 0.0, 1), (9, 1.0, 4)):
        assert drawn_among(logits, top_k, top_p).unique().tolist() == list(range(expected))
    shares = torch.bincount(drawn_among(logits, 2, 1.0)[:, 0]) / 5000
    assert shares[0].item() == pytest.approx(4 / 7, abs=0.03)


def test_what_cannot_be_is_refused(compose_job, model):
    with pytest.raises(UsageError, match="top_k is 0 or more"):
        model.set_way(top_k=-1, top_p=1.0)
    with pytest.raises(UsageError, match="has no tokens of several scales"):
        built(compose_job, [*NARROW, "model.tokeniser.quantiser={_target_: gen_models.networks.VQ, size: 4, codes: 8}"])
    scales = "{_target_: gen_models.networks.MultiScaleVQ, shape: [1, 8, 8], size: 64, halvings: 2, codes: 8}"
    with pytest.raises(UsageError, match=r"a single grid of tokens.*use model=var"):
        built(compose_job, ["model=maskgit", f"model.tokeniser.quantiser={scales}"])
    with pytest.raises(UsageError, match=r"say 'network\.transformer\.classes=\$\{spec\.num_classes\}'"):
        built(compose_job, [*NARROW, "model.guidance.scale=2.5"])


def test_tokens_of_another_run_are_drawn_from_and_others_refused(run_job, tmp_path):
    space = run_job(*SMALL, "model=vqvae", "turns=2", run=tmp_path / "space")
    run = run_job(*NARROW, f"model.space={space}", "turns=2", "log_every=1", run=tmp_path / "var")
    x = torch.rand(5, 1, 8, 8) * 2 - 1
    assert torch.equal(load(run).tokenise(x), load(space).tokenise(x))
    assert rows(run / "metrics.csv")[0]["prior/bits_per_token"]
    with pytest.raises(UsageError, match=r"a grid of \[1, 1\], then \[2, 2\] tokens, and this one of \[2, 2\]"):
        run_job(
            "model=maskgit", *SMALL[1:4], "network.encoder.size=4", "network.quantiser.codes=8", f"model.space={space}"
        )
    flat = run_job("model=vqvae", *SMALL[1:4], "network.quantiser.codes=8", "turns=1", run=tmp_path / "flat")
    with pytest.raises(UsageError, match="has no tokens of several scales"):
        run_job(*NARROW, f"model.space={flat}", run=tmp_path / "refused")


@pytest.mark.slow
def test_it_learns(run_job, compose_job):
    sizes = ["network.encoder.halvings=1", "network.encoder.width=32", "network.encoder.size=16"]
    drawer = ["network.quantiser.codes=64", "network.transformer.width=64", "network.transformer.depth=2"]
    run = run_job("model=var", *sizes, *drawer, "model.space_images=12800", "turns=700", "~callbacks.films")
    x = to_unit_range(build_data(compose_job(*NARROW)).test.gather(range(300))[0])
    bits = -load(run).token_log_prob(x).mean().item() / (30 * math.log(2))
    assert bits < 3.2  # 6 of even tokens, 4.5 of those that know their place and nothing of each other
