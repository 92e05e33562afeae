"""Facts of palettes and Image GPT: nothing lost of few colours, less with more, the order of pixels, bits."""

from types import SimpleNamespace

import pytest
import torch

from gen_models import load
from gen_models.core.abilities.codes import Reconstructs
from gen_models.core.abilities.completion import Completes
from gen_models.core.abilities.likelihood import HasLogProb, HasTokenLogProb
from gen_models.core.abilities.tokens import HasTokens
from gen_models.data.interface import Held
from gen_models.families.parts.palette import Palette
from gen_models.media.pixels import to_uint8, to_unit_range
from gen_models.run.build import build_data, build_model
from tests.helpers import newest, rows

SMALL = ["model=igpt", "network.causal.width=8", "network.causal.depth=1", "network.causal.heads=2"]
SHAPE = (3, 6, 5)


def pictures(n=20, colours=None):
    torch.manual_seed(0)
    if colours is None:
        return torch.randint(256, (n, *SHAPE), dtype=torch.uint8)
    table = torch.randint(256, (colours, 3), dtype=torch.uint8)
    return table[torch.randint(colours, (n, *SHAPE[1:]))].movedim(3, 1)


def fitted(x, colours, items=200):
    palette = Palette(SHAPE, 256, colours, items)
    palette.prepare(SimpleNamespace(train=Held(x, torch.zeros(len(x), dtype=torch.long))))
    return palette


def error(palette, x):
    x = to_unit_range(x)
    return (palette.detokenise(palette.tokenise(x)) - x).square().mean().item()


def test_pictures_of_no_more_colours_come_back_exactly():
    x = pictures(colours=30)
    for colours in (30, 64):
        palette = fitted(x, colours)
        tokens = palette.tokenise(to_unit_range(x))
        assert (tokens.shape, tokens.dtype) == ((20, 6, 5), torch.int64)
        assert tokens.max() < 30, "colours that stand there twice are always the first of them"
        assert torch.equal(to_uint8(palette.detokenise(tokens)), x)


def test_a_pixel_becomes_the_nearest_colour_and_more_colours_lose_less():
    x = pictures()
    few, many = fitted(x, 8), fitted(x, 64)
    assert torch.equal(few.table, few.table.round())
    distances = torch.cdist(x.double().movedim(1, 3).flatten(0, 2), few.table.double())
    assert torch.equal(few.tokenise(to_unit_range(x)).flatten(), distances.argmin(1))
    arbitrary = Palette(SHAPE, 256, 64)
    arbitrary.table.copy_(x.movedim(1, 3).flatten(0, 2)[:64])
    assert error(many, x) < 0.5 * error(few, x)
    assert error(many, x) < 0.8 * error(arbitrary, x), "k-means places colours better than chance does"


def test_the_means_of_clusters_far_apart_are_found_and_found_again():
    centres = torch.tensor([[20, 30, 40], [200, 90, 30], [90, 220, 210]])
    x = (centres[torch.arange(600).view(20, 6, 5) % 3] + torch.randint(-9, 10, (20, 6, 5, 1))).movedim(3, 1)
    first, again = (fitted(x.to(torch.uint8), 3).table for _ in range(2))
    found = first[first[:, 0].argsort()]
    assert torch.equal(first, again)
    assert torch.allclose(found, centres[centres[:, 0].argsort()].float(), atol=2)


def test_points_have_no_colours():
    with pytest.raises(ValueError, match=r"colours of pictures, and the data has shape \[2\]"):
        Palette([2], None)


@pytest.fixture
def model(compose_job):
    cfg = compose_job(*SMALL)
    build_data(cfg)
    model = build_model(cfg).eval().requires_grad_(False)
    for parameter in model.drawer.parameters():
        parameter.add_(0.5 * torch.randn_like(parameter))
    return model


def test_a_pixel_is_one_token_and_depends_on_those_before_it_row_by_row(model):
    assert all(isinstance(model, ability) for ability in (HasTokens, HasTokenLogProb, Completes, Reconstructs))
    assert not isinstance(model, HasLogProb)
    assert (model.grid, model.vocabulary) == ((8, 8), 512)
    tokens = torch.randint(512, (1, 8, 8))
    changed = tokens.clone()
    changed[0, 3, 4] = (changed[0, 3, 4] + 1) % 512
    logits, others = (model.prior.causal(model._pixels(each)).flatten(2) for each in (tokens, changed))
    moved = (logits != others).any(1)[0]
    assert moved.nonzero().min() == 3 * 8 + 5
    assert moved[3 * 8 + 5 :].all()


def test_it_starts_at_nine_bits_a_pixel_and_learns_from_the_first_turn_with_nothing_lost(run_job):
    run = run_job(*SMALL, "turns=40", "log_every=1", "data.batch_size=16", "model.optimizers.prior.lr=0.03")
    noted = [row["prior/bits_per_token"] for row in rows(run / "metrics.csv")]
    bits = [float(value) for value in noted if value]
    assert bits[0] == pytest.approx(9)
    assert bits[-1] < 4.09, "less than all 17 levels of the data, evenly"
    assert newest(run)["model"]["_extra_state"]["moves"] == {"prior": 40}
    model, x = load(run), torch.randint(17, (4, 1, 8, 8)) / 8 - 1
    assert torch.allclose(model.reconstruct(x), x, atol=1e-6)
    assert model.sample(3).shape == (3, 1, 8, 8)


def test_image_gpt_s_has_the_weights_of_its_authors_but_for_biases_and_places(compose_job):
    """source: openai/image-gpt, src/model.py: 24 blocks of 512 without biases, a vector for each of 1,024 places."""
    cfg = compose_job("model=igpt", "network.causal.width=512", "network.causal.depth=24", "network.causal.heads=8")
    build_data(cfg)
    cfg.spec.shape = [3, 32, 32]
    with torch.device("meta"):
        network = build_model(cfg).prior.causal
    weights = {name: p.numel() for name, p in network.named_parameters()}
    shared = sum(n for name, n in weights.items() if not name.endswith("bias") and not name.startswith("places."))
    blocks = 24 * (12 * 512**2 + 2 * 512)
    assert blocks + (1 + 512 + 512 + 1) * 512 == shared == 76_571_648 - 1024 * 512
    assert sum(weights.values()) == 76_216_832
