"""Facts of Makhzani et al. (2015), section 5."""

import json

import pytest
import torch
from torch.nn.functional import cross_entropy

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data, build_model

NETWORKS = {"encoder", "to_class", "to_style", "decoder", "class_critic", "style_critic"}


@pytest.fixture
def digits(compose_job):
    cfg = compose_job("model=aae_semi", "data.labelled=100")
    x, y = build_data(cfg).train.gather(range(200))
    return build_model(cfg), Batch(to_unit_range(x), y, torch.arange(200))


def reached(model, losses):
    model.zero_grad()
    torch.stack(list(losses.values())).sum().backward()
    return {name for name in NETWORKS if any(p.grad is not None for p in getattr(model, name).parameters())}


def test_each_phase_reaches_what_the_paper_says(digits):
    model, batch = digits
    assert reached(model, model.autoencoder_losses(batch)) == {"encoder", "to_class", "to_style", "decoder"}
    assert reached(model, model.critics_losses(batch)) == {"class_critic", "style_critic"}
    assert reached(model, model.encoder_losses(batch)) == NETWORKS - {"decoder"}  # the engine freezes the critics
    assert reached(model, model.classifier_losses(batch)) == {"encoder", "to_class"}


def test_only_labelled_examples_teach_the_classes(digits):
    model, batch = digits
    known = batch.y >= 0
    assert 0 < known.sum() < 200
    expected = cross_entropy(model.classify(batch.x[known]), batch.y[known])
    assert model.classifier_losses(batch)["labels"].item() == pytest.approx(expected.item(), rel=1e-5)
    none = Batch(batch.x[~known], batch.y[~known], batch.index[~known])
    assert model.classifier_losses(none)["labels"].item() == 0


def test_codes_are_probabilities_and_a_style_and_draws_look_like_them(digits):
    model, batch = digits
    codes, drawn = model.encode(batch.x), model.draw_codes(500, torch.arange(500) % 10)
    assert codes.shape == (200, 20)
    assert torch.allclose(codes[:, :10].sum(1), torch.ones(200), atol=1e-5)
    assert torch.equal(drawn[:, :10].argmax(1), torch.arange(500) % 10)
    assert torch.equal(drawn[:, :10].sort(1).values[:, -2:], torch.tensor([0.0, 1.0]).expand(500, 2))
    assert drawn[:, 10:].std() == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_a_hundred_labels_teach_ten_classes(run_job):
    run = run_job("model=aae_semi", "data.labelled=100", "model.latent_dim=3", "turns=300")
    (file,) = (run / "evaluation").glob("*.json")
    (record,) = [record for record in json.loads(file.read_text()) if record["metric"] == "classification error"]
    assert record["value"] < 0.2  # 0.9 by chance
    model, y = load(run), torch.arange(500) % 10
    torch.manual_seed(0)
    assert (model.classify(model.sample(500, y)).argmax(1) == y).float().mean() > 0.5  # a class says what is drawn


def test_it_needs_classes(compose_job):
    cfg = compose_job("model=aae_semi", "data=avatars", "data.size=16", "data.count=2", "data.test_count=1")
    build_data(cfg)
    with pytest.raises(UsageError, match="the data has none"):
        build_model(cfg)


def test_models_that_are_told_the_class_refuse_data_with_few_labels(compose_job):
    cfg = compose_job("model=cgan", "data.labelled=100")
    build_data(cfg)
    with pytest.raises(UsageError, match="the data has none"):
        build_model(cfg)
