"""The experiments of conf/experiment/theory whose games are on a line, found by their files."""

import csv

import pytest
from PIL import Image

from gen_models.errors import UsageError
from tests.conftest import CONF

GAMES = ("line", "affine", "fixed")  # whose critics are held against the optimal one
NAMES = sorted(
    path.stem
    for path in CONF.glob("experiment/theory/*.yaml")
    if any(f"/experiment/theory/shared/{shared}" in path.read_text() for shared in GAMES)
)
SMALL = "data=toy1d data.count=2000 data.test_count=1000 log_every=1 data.batch_size=64".split()


def figures(run):
    rows = list(csv.DictReader((run / "metrics.csv").open()))
    return {name: float(value) for row in rows for name, value in row.items() if name.startswith("theory/") and value}


def picture(run):
    (path,) = (run / "samples").glob("theory.*")
    return Image.open(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_ends_in_a_picture_and_a_number(name, run_job):
    run = run_job(f"experiment=theory/{name}", *SMALL, "turns=3", "callbacks.theory.every=2")
    assert picture(run).width >= 360
    assert getattr(picture(run), "n_frames", 1) == (3 if name == "figure_1" else 1)  # turns 0, 2 and 3
    assert figures(run)


@pytest.mark.slow
def test_a_trained_critic_comes_near_the_closed_form(run_job):
    run = run_job("experiment=theory/optimal_critic", "data=toy1d", "data.batch_size=256", "turns=300")
    found = figures(run)
    assert found["theory/trained"] == pytest.approx(found["theory/closed form"], abs=0.02)
    assert found["theory/cell by cell"] == pytest.approx(found["theory/closed form"], abs=1e-3)


@pytest.mark.slow
def test_a_sure_critic_saturates_the_minimax_gradient_only(run_job):
    run = run_job(
        "experiment=theory/saturating", "data=toy1d", "data.batch_size=128", "turns=60", "callbacks.theory.every=30"
    )
    found = figures(run)
    assert found["theory/gradient, saturating"] < 0.2 * found["theory/gradient, non-saturating"]


@pytest.mark.slow
def test_a_resumed_run_draws_what_an_unbroken_one_draws(run_job, tmp_path):
    options = ["experiment=theory/figure_1", *SMALL, "callbacks.theory.every=1", "model.schedules.lr.end=9"]
    whole = run_job(*options, "turns=4", run=tmp_path / "whole")
    parts = run_job(*options, "turns=2", run=tmp_path / "parts")
    run_job(*options, "turns=4", run=parts)
    assert picture(parts).n_frames == picture(whole).n_frames == 5
    assert figures(parts) == figures(whole)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [("data=digits ~data.kind ~data.noise", "use data=toy1d"), ("data=toy1d loss=relativistic_pairing", "by itself")],
)
def test_what_has_no_theory_is_refused(options, sentence, run_job):
    with pytest.raises(UsageError, match=sentence):
        run_job("experiment=theory/figure_1", "turns=1", *options.split())
