"""Facts of the deep image prior (Ulyanov et al. 2018)."""

import pytest
import torch
from torch import nn

from gen_models import load
from gen_models.errors import UsageError
from gen_models.families.parts.backtracking import Backtracking
from gen_models.run.build import build_data, build_model
from tests.helpers import assert_same, newest, rows


@pytest.mark.slow
def test_it_removes_noise_before_it_learns_it(run_job):
    small = ["network.restorer.width=16", "data=image", "data.size=32", "model.smoothing=0.95"]
    run = run_job("model=dip", *small, "turns=120", "log_every=20", "callbacks.restorations.every=60")
    model = load(run)
    pictures = model.restored()
    clean = pictures.pop("clean")
    error = {name: (picture - clean).square().mean().item() for name, picture in pictures.items()}
    noise = (25 / 127.5) ** 2
    assert 0.8 * noise < error["observed"] < 1.1 * noise  # less where it is clipped
    assert max(error["latest"], error["averaged"]) < 0.65 * error["observed"]
    assert error["settled"] < error["observed"]
    assert (run / "samples" / "restoration.gif").is_file()


def test_a_picture_that_is_not_there_is_refused(run_job):
    with pytest.raises(UsageError, match=r"none at 1: change model\.item"):
        run_job("model=dip", "data=image", "data.size=8", "model.item=1", "turns=1")


def test_a_move_from_where_the_fit_dropped_is_taken_back():
    """Fits of 20, 26, 20.5 (a drop of 5.5), 22 (of 4, from the last good one) and no number."""
    network, technique = nn.Linear(1, 1, bias=False), Backtracking(drop=5.0)
    technique.attach(network)
    weights, kept = [], []
    for turn, fit in enumerate([20.0, 26.0, 20.5, 22.0, float("nan")]):
        technique.observe(network, torch.tensor(fit))
        network.weight.data.fill_(float(turn + 1))  # the move
        technique.settle(network)
        weights.append(network.weight.item())
        kept.append(technique.kept.item())
    assert kept == [True, True, False, True, False]
    assert weights == [1.0, 2.0, 1.0, 4.0, 1.0]
    assert technique.fit.item() == 22.0
    assert all(not parameter.requires_grad for parameter in technique.parameters())


@pytest.mark.slow
def test_it_falls_back_in_training_and_resumes_to_the_last_bit(run_job, tmp_path):
    options = ["model=dip", "network.restorer.width=8", "data=image", "data.size=16", "callbacks.restorations.every=0"]
    options += ["model.backtracking.drop=0.2", "model.optimizers.restorer.lr=0.1", "log_every=1"]
    whole = run_job(*options, "turns=16", run=tmp_path / "whole")
    kept = [float(row["restorer/kept"]) for row in rows(whole / "metrics.csv") if row["restorer/kept"]]
    assert 0 < sum(kept) < 16
    run_job(*options, "turns=8", run=tmp_path / "parts")
    assert_same(newest(whole), newest(run_job(*options, "turns=16", run=tmp_path / "parts")))


def test_without_it_nothing_is_kept_beside(compose_job):
    cfg = compose_job("model=dip", "network.restorer.width=8", "model.backtracking=null", "data=image", "data.size=16")
    build_data(cfg)
    assert not any("backtracking" in name for name in build_model(cfg).state_dict())


def test_half_of_the_pixels_are_restored_as_in_the_authors_notebook(compose_job):
    """restoration.ipynb (barbara): the network for noise at a tenth of its rate; inpainting.ipynb has other holes."""
    cfg = compose_job("experiment=dip/inpaint")
    assert (cfg.turns, cfg.model.jitter, cfg.model.optimizers.restorer.lr) == (11000, 0.03, 0.001)
    assert cfg.network == compose_job("experiment=dip/denoise").network


def test_it_draws_its_one_picture_once_and_is_judged_by_no_samples(compose_job):
    cfg = compose_job("model=dip")
    assert (cfg.callbacks.grids.n, cfg.callbacks.quality.every, list(cfg.metrics.metrics)) == (1, 50, [])
    assert compose_job("model=dip", "callbacks=default").callbacks.grids.n == 64
