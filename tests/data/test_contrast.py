"""Images that are almost black, white or grey all over are told of in a line; others are not."""

import numpy as np
import pytest

from gen_models.data import Array, Arrays, Digits
from gen_models.data.contrast import faintness

GREY = np.random.default_rng(0).random((40, 8, 8, 1))


def images(x):
    return Array(arrays=Arrays(x.astype(np.float32)))


@pytest.mark.parametrize(
    ("x", "seen"), [(GREY / 255, "black"), (1 - GREY / 255, "white"), (0.5 + GREY / 100, "of one grey")]
)
def test_a_scale_that_was_mistaken_is_told(x, seen):
    assert f"the images are almost {seen}" in faintness(images(x))


def test_contrast_is_not(tmp_path):
    sparse = np.zeros((40, 8, 8, 1))
    sparse[:, 3, 3] = 1
    assert faintness(images(GREY)) == faintness(images(GREY / 10)) == faintness(images(sparse)) == ""
    assert faintness(Digits()) == ""


def test_a_job_says_so(run_job, tmp_path):
    np.save(tmp_path / "dark.npy", (GREY / 255).astype(np.float32))
    with pytest.warns(UserWarning, match="almost black.*data.white="):
        run_job("model=ae", "network=mlp", "turns=1", "data=array", f"data.x={tmp_path}/dark.npy")
