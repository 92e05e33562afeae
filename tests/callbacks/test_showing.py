"""Pictures on the way end no run, whatever happens to them."""

import pytest
from PIL import Image

from gen_models.callbacks.grids import SampleGrids
from gen_models.callbacks.showing import NotShown
from tests.helpers import newest


def test_a_picture_that_fails_costs_a_warning_and_not_the_run(run_job, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SampleGrids, "show", full)
    with pytest.warns(NotShown, match=r"SampleGrids showed nothing at turn 4 \(OSError: .*No space left"):
        run = run_job("model=vae", "network=mlp", "turns=4")
    assert newest(run)["model"]["_extra_state"]["turn"] == 4


def test_nought_is_never(run_job):
    off = [f"callbacks.{name}.every=0" for name in ("grids", "films", "latents", "histograms", "memories")]
    run = run_job("model=vae", "network=mlp", "turns=4", *off)
    assert not (run / "samples").exists()


@pytest.mark.parametrize("count", [3, 21])
def test_few_pictures_make_a_shorter_row_of_reconstructions(run_job, tmp_path, count):
    (tmp_path / "pictures").mkdir()
    for number in range(count):
        Image.new("RGB", (16, 16), (number * 9, 80, 80)).save(tmp_path / "pictures" / f"{number}.png")
    options = ["data=folder", f"data.root={tmp_path}/pictures", "data.size=16", "data.batch_size=2", "data.workers=0"]
    run = run_job("model=vae", "network=mlp", "turns=2", *options)
    wide, high = Image.open(run / "samples" / "reconstructions-000002.png").size
    held_out = max(1, round(count / 10))
    assert wide / high == (held_out * 18 + 2) / (2 * 18 + 2)


@pytest.mark.slow
def test_a_model_that_iterates_shows_a_row_of_reconstructions(run_job):
    run = run_job("model=edm", "model.steps=2", "turns=1")
    wide, high = Image.open(run / "samples" / "reconstructions-000001.png").size
    assert wide / high == (8 * 10 + 2) / (2 * 10 + 2)
