import pytest
import torch

from gen_models.analysis.sampling import BLOCK, blocks
from gen_models.run.build import build_data, build_model

FAMILIES = ("draw", "gated_pixelcnn")
OTHERS = ("dcgan", "cvae network=mlp", "realnvp", "glo network=mlp", "lapgan", "infogan", "biggan", "aae")
SLOW = (pytest.param(words, marks=pytest.mark.slow) for words in OTHERS)


@pytest.fixture
def drawn(compose_job):
    """Draw n samples of an untrained model, and the model."""

    def made(words, n, **options):
        cfg = compose_job(*(f"model={words}".split()))
        data = build_data(cfg)
        model = build_model(cfg)
        model.get_ready(data)
        return torch.cat(list(blocks(model.eval(), n, 3, **options))), model

    return made


@pytest.mark.parametrize("words", [*FAMILIES, *SLOW])
def test_sample_i_is_the_same_for_every_number_of_samples(drawn, words):
    few, _ = drawn(words, 5)
    many, model = drawn(words, 2 * BLOCK + 3)
    assert few.shape == (5, 1, 8, 8)
    assert torch.equal(few, many[:5])
    assert len(many) == 2 * BLOCK + 3
    assert len(many.flatten(1).unique(dim=0)) > BLOCK  # blocks do not repeat each other
    assert not torch.equal(few, torch.cat(list(blocks(model, 5, 4))))


def test_every_class_comes_in_turn_and_asking_for_one_keeps_the_latents(drawn, monkeypatch):
    asked = []
    in_turn, model = drawn("cvae network=mlp", 20)
    sample = model.sample
    monkeypatch.setattr(model, "sample", lambda n, y: asked.append(y) or sample(n, y))
    of_three = torch.cat(list(blocks(model, 20, 3, torch.full((20,), 3))))
    again = torch.cat(list(blocks(model, 20, 3)))
    assert torch.equal(asked[-1][:20], torch.arange(20) % 10)
    assert torch.equal(again, in_turn)
    same = (of_three == in_turn).flatten(1).all(1)
    assert same.tolist() == [i % 10 == 3 for i in range(20)]


def test_a_walk_from_pixel_to_pixel_keeps_its_numbers_under_autocast(compose_job):
    cfg = compose_job("model=gated_pixelcnn", "trainer.precision=bf16-mixed")
    build_data(cfg)
    model = build_model(cfg).eval()
    half = torch.cat(list(blocks(model, 4, 3)))
    model.precision = "32-true"
    assert torch.equal(half, torch.cat(list(blocks(model, 4, 3))))
