"""Sets with too little, and sizes that no network makes: said before anything is drawn or trained."""

import pytest
from PIL import Image

from gen_models.errors import UsageError
from gen_models.run.outcome import Finish


@pytest.fixture
def five(tmp_path):
    (tmp_path / "five").mkdir()
    for shade in range(5):
        Image.new("L", (16, 16), 50 * shade).save(tmp_path / "five" / f"{shade}.png")
    return f"data.root={tmp_path / 'five'}"


def test_metrics_refuse_a_set_with_one_held_out_item_before_any_turn(run_job, five, tmp_path):
    with pytest.raises(UsageError, match="need at least 2 held-out items, and the data has 1: choose metrics=none"):
        run_job("model=gan", "network=mlp", "data=folder", five, "data.size=8", "turns=3", "metrics=data_space")
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_metrics_that_compare_with_training_items_need_no_others(run_job, five):
    sizes = ["data.size=8", "data.batch_size=4", "data.test_fraction=0", "data.validation_fraction=0"]
    judged = ["metrics=data_space", "metrics.reference=train", "metrics.metrics=[fid]"]
    run = run_job("model=gan", "network=mlp", "data=folder", five, *sizes, *judged, "turns=2")
    (record,) = Finish.read(run).outcome.records
    assert record.real is None  # which nothing is left to say
    assert (record.protocol["real"], record.protocol["n_real"], record.protocol["n_other"]) == ("train", 5, 0)


@pytest.mark.parametrize("model", ["gan", "vae"])
def test_a_model_is_trained_on_all_images_where_none_is_held_out(run_job, five, model):
    sizes = ["data.size=8", "data.batch_size=4", "data.test_fraction=0", "callbacks.grids.every=1"]
    sizes += ["data.validation_fraction=0"]
    run = run_job(f"model={model}", "network=mlp", "data=folder", five, *sizes, "turns=2")
    assert (run / "finished.json").exists()


def test_a_size_that_no_network_makes_is_refused_before_avatars_are_drawn(run_job, monkeypatch):
    monkeypatch.setattr("gen_models.data.avatars.draw", None)
    with pytest.raises(UsageError, match="33"):
        run_job("model=sngan", "data=avatars", "data.size=33", "data.count=20", "data.test_count=4", "turns=1")
