"""Recipes and studies compose, and what they compose can be built."""

import pytest

from gen_models.run.build import build_data, build_model
from gen_models.run.check import check
from tests.conftest import CONF

RECIPES = [path for path in CONF.glob("experiment/**/*.yaml") if "shared" not in path.parts]

PHOTOS = {"shape": [3, 32, 32], "levels": 256, "num_classes": 10, "num_train": 50_000}  # which no package ships


@pytest.mark.slow
@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_builds(path, compose_job):
    recipe = path.relative_to(CONF / "experiment").with_suffix("")
    line = "theory" in path.parts and path.stem != "pixel_distance"
    cfg = compose_job(f"experiment={recipe}", "data=toy1d" if line else "data=digits")
    cfg.spec = build_data(cfg).spec if line else PHOTOS
    check(cfg, "callbacks")
    check(cfg, "trainer")
    assert build_model(cfg).players()
    assert path.read_text().splitlines()[1].startswith("# ")


def test_the_published_schedule_decays_over_the_whole_run(compose_job):
    cfg = compose_job("experiment=sngan/cifar10", "data=digits")
    cfg.spec = PHOTOS
    model = build_model(cfg)
    assert model._schedules["lr"](125_000) == pytest.approx(0.5)
    assert model.players()[1].every == 5


def test_debugging_runs_through(run_job):
    run = run_job("debug=fast", "network=mlp", "callbacks.grids.n=8")
    assert (run / "samples" / "turn-000020.png").is_file()
    assert run_job("debug=overfit", "network=mlp", "turns=2", run=run.parent / "overfit")
