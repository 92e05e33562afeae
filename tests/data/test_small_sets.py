"""Sets with too little, and sizes that no network makes: said before anything is drawn or trained."""

import pytest
from PIL import Image

import gen_models
from gen_models.errors import UsageError
from gen_models.metrics.records import read_records


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


@pytest.mark.parametrize("model", ["gan", "vae"])
def test_a_model_is_trained_on_all_images_where_none_is_held_out(run_job, five, model):
    sizes = ["data.size=8", "data.batch_size=4", "data.test_fraction=0", "callbacks.grids.every=1"]
    sizes += ["data.validation_fraction=0"]
    run = run_job(f"model={model}", "network=mlp", "data=folder", five, *sizes, "turns=2")
    assert (run / "finished.json").exists()


def test_samples_are_compared_with_training_items_where_none_is_held_out(run_job, five):
    sizes = ["data.size=8", "data.batch_size=4", "data.test_fraction=0", "turns=1", "metrics=data_space"]
    sizes += ["data.validation_fraction=0"]
    words = ["model=vae", "network=mlp", "data=folder", five, *sizes, "metrics.n=4"]
    with pytest.raises(UsageError, match="compare with training items by metrics.reference=train"):
        run_job(*words)
    run = run_job(*words, "metrics.reference=train", "metrics.n_real=100")
    fid, kid, codes = read_records(run / "evaluation" / "turn-000001.json")  # and nothing of held-out items
    assert (fid.metric, kid.metric, codes.metric) == ("FID", "KID", "isolation of codes")
    assert [fid.protocol[name] for name in ("real", "n", "n_real", "n_other")] == ["train", 4, 5, 0]
    with pytest.raises(UsageError, match="'parzen' needs held-out items, and these data have none"):
        gen_models.evaluate(run, figures=["parzen"])


def drawn(*_):
    raise AssertionError("it drew")


def test_a_size_that_no_network_makes_is_refused_before_avatars_are_drawn(run_job, monkeypatch):
    monkeypatch.setattr("gen_models.data.avatars.draw", drawn)
    with pytest.raises(UsageError, match="33"):
        run_job("model=sngan", "data=avatars", "data.size=33", "data.count=20", "data.test_count=4", "turns=1")
