"""What a model is judged by: classes as the data have them, all held-out items, the run's precision, its beginning."""

import pytest
import torch

from gen_models.analysis.evaluate import figures_of
from gen_models.analysis.likelihood import likelihood
from gen_models.analysis.subject import Subject
from gen_models.core.model import GenerativeModel
from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.scorer import Scorer
from gen_models.run.build import build_data, build_model
from gen_models.run.untrained import Blank


@pytest.fixture
def built(compose_job):
    """Compose, and build the data and the untrained model."""

    def made(*words):
        cfg = compose_job(*words)
        data = build_data(cfg)
        return cfg, data, build_model(cfg).eval()

    return made


def of(records, metric):
    return next(record for record in records if record.metric == metric)


def test_samples_are_asked_for_the_classes_of_the_reference(built):
    _, data, model = built("model=cvae", "network=mlp")
    for reference, items in (("test", data.test), ("train", data.reference)):
        labels = Subject(model, data, Scorer(DataSpace(), (), n=len(items), reference=reference)).labels
        assert torch.equal(labels.sort().values, torch.from_numpy(items.classes).sort().values)
    kid = Scorer(DataSpace(), ("kid",), n=50)
    assert of(figures_of(Subject(model, data, kid)), "KID").protocol["classes"] == "as the data"
    assert torch.equal(Subject(built("model=vae", "network=mlp")[2], data, kid).labels, torch.zeros(50).long())


def test_abilities_are_measured_on_all_held_out_items_or_as_many_as_are_asked_for(built):
    _, data, model = built("model=vae", "network=mlp", "loss=logistic")
    for asked, count in ((None, 300), (50, 50), (10**6, 300)):
        records = figures_of(Subject(model, data, held_out=asked))
        assert {of(records, name).protocol["n"] for name in ("NLL", "PSNR of reconstructions")} == {count}


@pytest.mark.parametrize(
    ("words", "draws", "said"),
    [
        ("model=vae network=mlp loss=logistic", 1, "bound, 1 draw"),
        ("model=realnvp", 3, "dequantised, 3 draws"),
        ("model=nice data=toy2d", 3, "exact"),
        ("model=gated_pixelcnn", 3, "exact"),
    ],
)
def test_a_likelihood_says_how_it_is_made(built, words, draws, said):
    _, data, model = built(*words.split())
    with model.evaluating("test"):
        nll, *_ = likelihood(Subject(model, data, draws=draws, held_out=20))
    assert nll.protocol["likelihood"] == said


def test_more_draws_of_the_noise_in_the_bins_tighten_a_flow_s_bound(built):
    _, data, model = built("model=realnvp", "network.flow.width=8")
    with model.evaluating("test"):
        one, many = (likelihood(Subject(model, data, draws=draws, held_out=20))[0].value for draws in (1, 5))
    assert many < one - 0.5


def test_figures_are_taken_in_the_precision_of_the_run(built, monkeypatch):
    cfg, data, model = built("model=vae", "network=mlp", "trainer.precision=bf16-mixed")
    dtypes, sample = [], GenerativeModel.labels

    def noted(self, n, y=None):
        dtypes.append(torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32)
        return sample(self, n, y)

    monkeypatch.setattr(GenerativeModel, "labels", noted)
    scorer = Scorer(DataSpace(), ("kid",), n=20)
    records = figures_of(Subject(model, data, scorer, untrained=Blank(cfg), held_out=50))
    assert set(dtypes) == {torch.bfloat16}
    assert all(record.way == {"precision": "bf16-mixed"} for record in records)
    for precision in ("32-true", "16-mixed"):  # in which a CPU is too slow
        model.precision = precision
        dtypes.clear()
        assert all(record.way == {} for record in figures_of(Subject(model, data, scorer, held_out=50)))
        assert set(dtypes) == {torch.float32}


def test_an_untrained_model_has_looked_at_the_data_and_is_known_by_its_configuration(built, monkeypatch):
    cfg, data, _ = built("model=vae", "network=mlp")
    seen = []
    monkeypatch.setattr(GenerativeModel, "prepare", lambda self, source: seen.append((source, torch.rand(1).item())))
    for _ in range(2):
        blank = Subject(None, data, untrained=Blank(cfg)).untrained.made(data, torch.device("cpu"))
    assert not blank.training
    assert seen == [(data, seen[0][1])] * 2
    other, *_ = built("model=vae", "network=mlp", "seed=5")
    half, *_ = built("model=vae", "network=mlp", "trainer.precision=bf16-mixed")
    again, *_ = built("model=vae", "network=mlp", "turns=7")
    assert len({Blank(each).key for each in (cfg, other, half)}) == 3
    assert Blank(again).key == Blank(cfg).key
