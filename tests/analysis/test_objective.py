"""What a run goes by: the first figure of its metrics, or a figure that it will surely give."""

import json

import pytest

from gen_models.analysis.figures import taken, usual
from gen_models.analysis.objective import chosen_objective
from gen_models.analysis.subject import Subject
from gen_models.errors import UsageError
from gen_models.job import train
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.scorer import Scorer
from gen_models.reports.status import status_of
from gen_models.run.checkpoints import Store
from gen_models.run.reading import read_config

QUICK = ["model=vae", "network=mlp", "turns=4", "callbacks.quality.every=2"]


@pytest.mark.parametrize(
    ("scorer", "expected"),
    [
        (Scorer(DataSpace(), ("fid", "kid")), "fid_data_space"),
        (Scorer(Classifier("digits"), ("kid",)), "kid_classifier_of_digits"),
        (Scorer(DataSpace(), ()), None),
    ],
)
def test_it_follows_the_metrics(scorer, expected):
    assert chosen_objective("auto", Subject(None, None, scorer)) == expected


def test_it_may_be_a_figure_of_the_model_and_nothing_that_is_never_given(compose_job):
    with pytest.raises(UsageError, match="objective=fid is no figure .* and these metrics give: there is .*psnr_of"):
        train(compose_job(*QUICK, "objective=fid"))
    with pytest.raises(UsageError, match="objective=kid_data_spac is no figure .* did you mean kid_data_space"):
        train(compose_job(*QUICK, "metrics=data_space", "objective=kid_data_spac"))
    with pytest.raises(UsageError, match="objective=psnr_of_reconstructions is no figure"):
        train(compose_job(*QUICK, "model=sngan", "objective=psnr_of_reconstructions"))


@pytest.mark.parametrize("callback", ["checkpoint", "watch"])
def test_what_a_callback_goes_by_is_a_figure_that_is_given(callback, compose_job):
    with pytest.raises(UsageError, match=f"callbacks.{callback}.monitor=psnr is no figure .*psnr_of_reconstructions"):
        train(compose_job(*QUICK, f"callbacks.{callback}.monitor=psnr"))


def test_the_best_checkpoint_is_the_highest_where_more_is_better(run_job):
    run = run_job(*QUICK, "objective=psnr_of_reconstructions", "callbacks.checkpoint.keep=9")
    scored = [entry for entry in Store(run / "checkpoints").entries() if entry.score is not None]
    best, other = sorted(scored, key=lambda entry: -entry.score)
    assert {entry.higher_is_better for entry in (best, other)} == {True}
    assert best.score > other.score
    assert Store(run / "checkpoints").best() == best


@pytest.mark.slow
def test_what_auto_stands_for_is_noted_and_shown(run_job, compose_job, tmp_path):
    options = [*QUICK, "metrics=data_space", "metrics.n=50"]
    run = run_job(*options)
    assert read_config(run).objective == "fid_data_space"
    (run / ".hydra").mkdir(exist_ok=True)
    (run / ".hydra" / "config.yaml").write_text("objective: auto\nturns: 4\nimages: null\n")
    assert status_of(run).figure.startswith("fid_data_space ")
    objective = json.loads((run / "finished.json").read_text())["objective"]
    assert train(compose_job("~callbacks.progress", *options)) == objective  # finished, so not trained


def test_what_is_promised_is_what_is_given(judged, copier):
    subject = judged(copier)
    for figure in usual(subject):
        keys = [record.key for record in taken(subject, [figure])]
        assert set(keys) <= set(figure.keys("data space"))
