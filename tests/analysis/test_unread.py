"""Options of an evaluation that nothing would read are refused, and figures say what they read."""

import inspect
import sys
from collections import Counter

import pytest

from gen_models.analysis import figures
from gen_models.analysis.evaluate import EvaluationOptions, evaluate_run
from gen_models.analysis.figures import asked_for, subject_figures, usual
from gen_models.analysis.subject import PIXELS, Subject
from gen_models.analysis.unread import check_read
from gen_models.data.digits import Digits
from gen_models.data.image import Image
from gen_models.errors import UsageError
from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.scorer import Scorer
from gen_models.run.build import build_data, build_model

SCORED = Scorer(DataSpace(), ("kid",), 50)


@pytest.fixture(scope="session")
def digits():
    return Digits(validation_count=300)


def check(asked, copier, digits, scorer=PIXELS, own=True):
    subject = Subject(copier, digits, scorer, held_out=asked.held_out, wanted=asked.split)
    check_read(asked, subject, [*asked_for(subject, asked.figures), *(usual(subject) if own else ())])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 500}, "reads n=500: leave it out, or take metrics other than none, or one of the figures .*c2st"),
        ({"n": 500, "figures": ("cost",)}, "reads n=500"),
        ({"n_real": 90, "figures": ("parzen",)}, "reads n_real=90: leave it out, or take metrics other than none"),
        ({"reference": "train"}, "reads reference=train"),
    ],
)
def test_what_nothing_reads_is_refused(copier, digits, options, words):
    with pytest.raises(UsageError, match=words):
        check(EvaluationOptions(**options), copier, digits)
    check(EvaluationOptions(**options), copier, digits, SCORED)


def test_what_something_reads_is_not(copier, digits):
    check(EvaluationOptions(n=500, figures=("parzen",)), copier, digits)
    check(EvaluationOptions(reference="train", figures=("cas",)), copier, digits)  # its samples' classes are as there
    check(EvaluationOptions(held_out=3, split="validation"), copier, digits)


def test_samples_alone_are_no_held_out_items(copier, digits):
    for options in ({"held_out": 3}, {"split": "validation", "figures": ("cost",)}):
        with pytest.raises(UsageError, match=f"reads {next(iter(options))}"):
            check(EvaluationOptions(**options), copier, digits, own=False)


def test_an_evaluation_asks_each_figure_once_what_it_needs(compose_job, monkeypatch, tmp_path):
    seen, lacking = Counter(), figures.lacking
    monkeypatch.setattr(figures, "lacking", lambda each, subject: seen.update([each.name]) or lacking(each, subject))
    cfg = compose_job("model=vae", "network=mlp", "metrics=none")
    source = build_data(cfg)
    records, _ = evaluate_run(tmp_path, cfg, build_model(cfg), source, EvaluationOptions(held_out=20))
    assert records
    assert set(seen.values()) == {1}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_real": 99_999}, r"n_real=99999 is more than the 300 test items: lower it, or leave it out\."),
        ({"n_real": 99_999, "reference": "train"}, "is more than the 1,197 train items"),
        ({"held_out": 301}, "held_out=301 is more than the 300 test items"),
        ({"held_out": 301, "split": "validation"}, "held_out=301 is more than the 300 validation items"),
    ],
)
def test_more_items_than_there_are_are_refused(copier, digits, options, words):
    scorer = Scorer(DataSpace(), ("kid",), 50, reference=options.get("reference", "test"))
    with pytest.raises(UsageError, match=words):
        check(EvaluationOptions(**options), copier, digits, scorer)


def test_there_have_to_be_items_to_choose_by(copier):
    with pytest.raises(UsageError, match=r"no validation items: leave .* held out by data\.validation_count\.$"):
        check(EvaluationOptions(split="validation"), copier, Digits(validation_count=0), SCORED)
    assert Image("picture.png").validation_options == ""


def test_figures_say_what_they_read():
    """Of the files' words: who reads `n` speaks of it or of samples, who reads `held_out` of its items."""
    said: dict[str, set[str]] = {}
    for figure in subject_figures().values():
        module = next(name for name in _modules() if figure in vars(sys.modules[name]).values())
        said.setdefault(module, set()).update(figure.reads)
    for module, reads in said.items():
        text = inspect.getsource(sys.modules[module])
        assert ("subject.n" in text.replace("subject.n_", "")) == ("n" in reads), module
        assert ("held_out_items()" in text) == ("held_out" in reads), module


def _modules():
    return [name for name in sys.modules if name.startswith("gen_models.analysis.") and name.count(".") == 2]
