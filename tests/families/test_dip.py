"""Facts of the deep image prior (Ulyanov et al. 2018)."""

import pytest

from gen_models import load
from gen_models.errors import UsageError


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
