"""Facts of the deep image prior (Ulyanov et al. 2018)."""

import pytest
import torch

from gen_models import load
from gen_models.errors import UsageError


def test_it_removes_noise_before_it_learns_it(run_job):
    small = ["network.restorer.width=16", "data=image", "data.size=32", "callbacks.restorations.every=60"]
    run = run_job("model=dip", *small, "turns=120", "log_every=20")
    model = load(run)
    pictures = model.restored()
    clean = pictures.pop("clean")
    error = {name: (picture - clean).square().mean().item() for name, picture in pictures.items()}
    assert 10 * torch.tensor(4 / error["observed"]).log10().item() == pytest.approx(
        20.6, abs=0.6
    )  # 20.2, and less where clipped
    assert error["averaged"] < 0.6 * error["observed"]
    assert error["settled"] < error["observed"]
    assert (run / "samples" / "restoration.gif").is_file()


def test_a_picture_that_is_not_there_is_refused(run_job):
    with pytest.raises(UsageError, match=r"none at 1: change model\.item"):
        run_job("model=dip", "data=image", "data.size=8", "model.item=1", "turns=1")
