"""What can be asked of a run whose items have latents, as it is typed."""

import json

import pytest

from tests.cli.test_cli import pixels, typed  # noqa: F401 (a fixture)


@pytest.fixture
def run(copy_job):
    return copy_job("model=glo", "network=mlp", "turns=4", "callbacks.memories.every=2")


@pytest.mark.slow
def test_latents_of_training_items_are_walked_between_fitted_compared_and_plotted(run, typed, tmp_path):  # noqa: F811
    assert typed("sample", run, "--density", "gaussian", "--out", tmp_path / "a.png")[0] == 0
    assert typed("sample", run, "--out", tmp_path / "b.png")[0] == 0
    assert (pixels(tmp_path / "a.png") != pixels(tmp_path / "b.png")).any()
    assert typed("interpolate", run, "--rows", 2, "--out", tmp_path / "c.png")[0] == 0
    code, text = typed("meaning", run, "--n", 300, "--out", tmp_path / "d.png")
    assert code == 0, text
    codes, in_pixels = json.loads((run / "evaluation" / "turn-000004-meaning.json").read_text())
    assert codes["protocol"]["space"] == "codes"
    assert codes["value"] > 0.5  # principal components
    assert in_pixels["value"] > 0.7
    assert 0.05 < codes["chance"] < 0.15
    code, text = typed("plot", run, "--y", "memory/psnr", "--out", tmp_path / "e.png")
    assert code == 0, text
    assert "memory/psnr: " in text
    assert "at 4." in text
    assert "too few for --k 9999" in typed("meaning", run, "--k", 9999)[1]
