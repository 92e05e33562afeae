"""The one list of figures, and a model that copies training items before judges who know what to make of it."""

import re
from pathlib import Path

import pytest
import torch

import gen_models
from gen_models.analysis import class_conditional
from gen_models.analysis.figures import asked_for, figures, subject_figures, taken, usual
from gen_models.analysis.subject import said
from gen_models.core.abilities.likelihood import HasLikelihoodBound, HasLogProb
from gen_models.errors import UsageError
from gen_models.metrics import critic
from gen_models.metrics.figure import declared
from gen_models.metrics.former import HIGHER_IS_BETTER
from gen_models.metrics.record import COSTS

BRIGHTNESS = """
from gen_models.analysis.subject import SubjectFigure, pictured
from gen_models.metrics.record import Estimate

def brightness(subject):
    return [Estimate(float(subject.samples.mean()), protocol={"n": subject.n})]

BRIGHTNESS = SubjectFigure(
    name="brightness", titles=("brightness",), higher_is_better=True, take=brightness, needs=pictured
)
"""


def noise(n, y=None):
    return torch.randn(n, 1, 8, 8).clamp(-1, 1)


def take(subject, names):
    return taken(subject, asked_for(subject, names))


@pytest.fixture
def plain(copier):
    """A model that samples, and nothing else."""
    parts = {"classes": 0, "device": torch.device("cpu"), "sample": copier.sample}
    return type("Plain", (torch.nn.Module,), parts)()


@pytest.mark.slow
def test_copies_look_real_and_are_found_out(judged, copier, monkeypatch):
    monkeypatch.setattr(critic, "TURNS", 60)
    monkeypatch.setattr(class_conditional, "LEAST", 30)
    named = {record.metric: record for record in take(judged(copier), ["all"])}
    assert named["copying of training items"].value > 0.95
    assert named["MiFID"].value > 0
    assert named["two-sample classifier accuracy"].value < 0.65
    assert named["classifier accuracy score"].value > 0.6
    assert named["classifier accuracy score"].chance == 0.1
    assert named["intra-FID"].value < 20 * named["intra-FID"].real
    assert named["intra-FID"].value == pytest.approx(sum(named["intra-FID"].parts.values()) / 10)
    assert 0 < named["largest step of a path"].value < 0.2
    assert abs(named["MS-SSIM of pairs"].value - named["MS-SSIM of pairs"].real) < 0.1
    assert {name for name, record in named.items() if "data" not in record.protocol} == set(COSTS)
    seen = {name for name, record in named.items() if "extractor" in record.protocol}
    assert seen == {"intra-FID", "copying of training items", "MiFID", "path length", "largest step of a path"}


def test_noise_does_not(judged, copier, monkeypatch):
    monkeypatch.setattr(critic, "TURNS", 60)
    good, bad = (
        {r.metric: r for r in take(judged(copier, draw=draw), ["parzen", "c2st", "memorisation"])}
        for draw in (None, noise)
    )
    assert bad["two-sample classifier accuracy"].value > 0.95
    assert bad["two-sample classifier accuracy"].found["p"] < 1e-6
    assert bad["Parzen log-likelihood"].value < good["Parzen log-likelihood"].value - 10
    assert bad["copying of training items"].value < 0.05


def test_who_can_is_said(judged, plain):
    with pytest.raises(UsageError, match="'cas' needs images of classes on demand: choose model=cgan, cvae or acgan"):
        take(judged(plain), ["cas"])
    with pytest.raises(UsageError, match="'smoothness' needs a prior over codes"):
        take(judged(plain), ["smoothness"])
    with pytest.raises(UsageError, match="'reconstruction' needs a model that reconstructs samples"):
        take(judged(plain), ["reconstruction"])
    with pytest.raises(UsageError, match="no figure 'parsen': did you mean parzen"):
        take(judged(plain), ["parsen"])
    with pytest.raises(UsageError, match="'fid' is a figure of features: ask for it by --metric fid"):
        take(judged(plain), ["fid"])
    assert {figure.name for figure in asked_for(judged(plain), ["all"])} == {
        *("c2st", "parzen", "diversity", "memorisation", "cost")
    }
    assert usual(judged(plain)) == []


def test_abilities_are_said_in_their_own_words():
    words = "a model with a likelihood or a model with a lower bound on its likelihood"
    assert said(HasLogProb | HasLikelihoodBound) == words


def test_company_and_order_change_no_figure(judged, copier):
    together = take(judged(copier), ["parzen", "smoothness"])
    assert take(judged(copier), ["smoothness"]) == together[1:]


def test_the_list_holds_what_files_declare_and_nothing_else():
    """Found by another reading of the files: every `name="…"` or first argument of a declaration is in the list."""
    package = Path(gen_models.__file__).parent
    text = "".join(path.read_text() for room in ("metrics", "analysis") for path in (package / room).glob("*.py"))
    declared = re.findall(r'^[A-Z]\w* = (?:SubjectFigure\(\n    name=|of_features\()"(\w+)"', text, re.MULTILINE)
    assert sorted(declared) == sorted(figures())
    assert {"fid", "vendi", "c2st", "reconstruction", "likelihood"} <= figures().keys()


def test_a_figure_is_added_by_one_file(tmp_path, monkeypatch, judged, copier):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "__init__.py").write_text("")
    (tmp_path / "scratch" / "bystander.py").write_text("raise RuntimeError('declares no figure, so is not imported')")
    (tmp_path / "scratch" / "brightness.py").write_text(BRIGHTNESS)
    monkeypatch.syspath_prepend(tmp_path)
    (figure,) = declared("scratch").values()
    (record,) = taken(judged(copier), [figure])
    assert (record.label, record.higher_is_better, record.protocol) == ("brightness", True, {"n": 300})
    assert -1 < record.value < 1


YOUNGER = {"modes", "mode_divergence"}
"""No file from before figures said which way is up holds them."""


@pytest.mark.parametrize("name", sorted(subject_figures().keys() - YOUNGER))
def test_figures_point_where_old_files_had_them_point(name):
    figure = figures()[name]
    assert {title.startswith(HIGHER_IS_BETTER) for title in figure.titles} == {figure.higher_is_better}


def test_classes_with_too_few_samples_are_named_and_the_others_judged(judged, copier):
    (record,) = take(judged(copier, n=12), ["per_class"])
    assert record.found["warning"].startswith("too few of class ")
    assert 0 < len(record.parts) < 10
    (none,) = take(judged(copier, n=8), ["per_class"])
    assert (none.value, none.parts) == (None, {})
