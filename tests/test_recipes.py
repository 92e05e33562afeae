"""Recipes and studies compose, what they compose can be built, and docs/recipes.md says of each what its file says."""

import re

import pytest
from hydra.utils import instantiate

from gen_models.errors import UsageError
from gen_models.reports.plan.planned import blank
from gen_models.reports.recipes import counted, page, paragraphs, recipes
from gen_models.run.build import build_data, build_model
from gen_models.run.check import check
from gen_models.run.conf import PACKAGE
from tests.conftest import CONF

RECIPES = recipes()
PUBLISHED = [each for each in RECIPES if each.published]
STUDIES = [each for each in RECIPES if not each.published]
LARGE = "sngan/imagenet_128"  # five turns a move; source: pfnet-research/sngan_projection configs/sn_projection.yml
PAGE = PACKAGE.parent / "docs" / "recipes.md"
documented = pytest.mark.skipif(not PAGE.is_file(), reason="a source distribution has no docs")


def composed(compose_job, name):
    """A recipe with its own data, which need not be there."""
    chosen = re.search(r"override /data: (\w+)", (CONF / f"experiment/{name}.yaml").read_text())[1]
    return compose_job(f"experiment={name}", f"data={chosen}")


def count(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


@pytest.mark.parametrize("recipe", PUBLISHED, ids=lambda recipe: recipe.name)
def test_a_head_says_what_was_published_where_and_what_it_costs(recipe):
    assert re.fullmatch(r"about [\d.,]+ GPU hours?, estimated by `gen-models plan` from \w+\.", recipe.notes["Cost"])
    assert recipe.notes["Run here"].endswith(".")
    assert re.search(r"\d{4}", recipe.source)
    assert "https://" in recipe.source
    text = (CONF / f"experiment/{recipe.name}.yaml").read_text()
    assert "\nspec: {" in text, "what the data are is stated, so that the recipe can be planned without them"
    assert all(len(line) <= 120 for line in text.splitlines())


def test_no_head_states_a_thing_from_memory():
    texts = {path: path.read_text(encoding="utf-8") for path in CONF.rglob("*.yaml")}
    assert [path for path, text in texts.items() if re.search(r"from\s(# )?memory|not\s(# )?verified", text)] == []


@documented
def test_the_page_of_recipes_is_made_from_their_files():
    text = PAGE.read_text(encoding="utf-8")
    assert set(counted(text)) == {recipe.name for recipe in PUBLISHED}
    assert page(RECIPES, counted(text)) == text, "write it anew: gen-models recipes --markdown docs/recipes.md"


def test_paragraphs_of_a_head_begin_with_a_key(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "# @package _global_\n# A thing (X 2020,\n# https://x): it is.\n# Published: one: two.\nb: 1\n# Cost: 3\n"
    )
    assert paragraphs(path) == ["A thing (X 2020, https://x): it is.", "Published: one: two."]


@documented
@pytest.mark.slow
@pytest.mark.parametrize("recipe", PUBLISHED, ids=lambda recipe: recipe.name)
def test_a_published_recipe_is_built_and_counted_without_its_data(compose_job, recipe):
    cfg = composed(compose_job, recipe.name)
    for group in ("data", "callbacks", "trainer"):
        check(cfg, group)
    model = blank(cfg)
    assert count(model) == counted(PAGE.read_text(encoding="utf-8"))[recipe.name]
    assert len(model.configure_optimizers()) == len(model.players())


def toy_of(name):
    """The toy data set that a study needs; None where any pictures do."""
    text = (CONF / f"experiment/{name}.yaml").read_text()
    chosen = re.search(r"override /data: (toy\w+)", text)
    return chosen[1] if chosen else "toy1d" if "/experiment/theory/shared" in text else None


@pytest.mark.slow
@pytest.mark.parametrize("recipe", STUDIES, ids=lambda recipe: recipe.name)
def test_a_study_builds(compose_job, recipe):
    toy = toy_of(recipe.name)
    cfg = compose_job(f"experiment={recipe.name}", f"data={toy or 'digits'}")
    cfg.spec = (
        build_data(cfg).spec if toy else {"shape": [3, 32, 32], "levels": 256, "num_classes": 10, "num_train": 99}
    )
    check(cfg, "callbacks")
    check(cfg, "trainer")
    assert build_model(cfg).players()
    assert recipe.title


SIZES = {"cifar10": 50_000, "imagenet": 1_281_167}
"""Training items that come with a set: Krizhevsky (2009), Russakovsky et al. (2015)."""


@pytest.mark.parametrize("recipe", PUBLISHED, ids=lambda recipe: recipe.name)
def test_a_recipe_trains_on_as_many_items_as_it_says(recipe):
    text = (CONF / f"experiment/{recipe.name}.yaml").read_text()
    data = re.search(r"override /data: (\w+)", text)[1]
    if data not in SIZES:
        pytest.skip("sets of which no fraction is held out, or whose size is the user's")
    standard = (CONF / f"data/{data}.yaml").read_text()
    held = [
        float(found[1]) for each in (text, standard) if (found := re.search(r"validation_fraction: ([\d.]+)", each))
    ]
    assert int(re.search(r"num_train: (\d+)", text)[1]) == round(SIZES[data] * (1 - held[0]))


def test_biggan_of_the_cifar_script_has_its_authors_networks(compose_job):
    """source: ajbrock/BigGAN-PyTorch BigGAN.py with the arguments of scripts/launch_cifar_ema.sh."""
    model = blank(composed(compose_job, "biggan/cifar10"))
    assert count(model.generator) == 4_304_387
    assert count(model.discriminator) == 4_207_361
    averaging = model.averaging
    assert averaging.decay(4 * 50, 10**7) == pytest.approx(0.9999, abs=1e-7)
    assert averaging.decay(4 * 50, 1000 * 4 * 50) == 0
    assert [model.players()[1].every, model.generator_batches] == [4, 1]
    assert not model.weight_penalties


def test_adam_of_biggan_has_the_stabiliser_of_the_authors_scripts(compose_job):
    """source: ajbrock/BigGAN-PyTorch 98459431, scripts: --adam_eps 1e-6 at 128 pixels; CIFAR's leaves it at 1e-8."""
    for name, eps in (("biggan/imagenet_128", 1e-6), ("biggan/cifar10", 1e-8)):
        optimizers = compose_job(f"experiment={name}").model.optimizers
        assert [each.eps for each in optimizers.values()] == [eps, eps]


def test_published_rates_decay_where_they_should(compose_job):
    rates = {
        name: instantiate(compose_job(f"experiment={name}").model.schedules.lr) for name in ("sngan/cifar10", LARGE)
    }
    assert rates["sngan/cifar10"](125_000) == pytest.approx(0.5)
    assert [rates[LARGE](5 * moves) for moves in (0, 400_000, 425_000, 450_000)] == pytest.approx([1, 1, 0.5, 0])


def test_progan_at_full_size_has_the_batches_of_the_papers_pictures(compose_job):
    """source: tkarras/progressive_growing_of_gans config.py, preset-v1-1gpu."""
    model = blank(composed(compose_job, "progan/celeba_hq"))
    first, stages = 800_000 + 7 * 1_600_000, model.stages
    sides = {images: stages.networks[0].sides[stages.growth.at(images, 8)[0]] for images in (first - 1, first)}
    assert list(sides.values()) == [512, 1024]
    assert [model.batch_size(images) for images in (0, 8_800_000, first - 1, first)] == [16, 14, 6, 3]


@pytest.mark.parametrize("name", ["progan/celeba_128", "progan/celeba_hq", "progressive_infogan/celeba_hq_128"])
def test_an_average_forgets_a_thousandth_a_move_at_any_batch(compose_job, name):
    """source: tkarras/progressive_growing_of_gans train.py, G_smoothing; jonasz/progressive_infogan train.py."""
    model = blank(composed(compose_job, name))
    assert model.averaging.ramp is None
    growth, sides = model.stages.growth, model.generator.sides
    sizes = set()
    for images in range(0, 13_000_000, 64_000):  # all stages begin at multiples
        model.averaging.halflife = model._schedules["averaging.halflife"](images)
        size = model.batch_size(images)
        sizes.add(size)
        assert model.averaging.decay(size, images + size) == pytest.approx(0.999, abs=1e-6)
    assert sizes == set(growth.batch_sizes[: len(sides)])


@pytest.mark.parametrize("name", ["progan/cifar10", "progressive_infogan/celeba_hq_128"])
def test_players_move_at_once_where_the_source_steps_both_by_one_function(compose_job, name):
    """source: tkarras/progressive_growing_of_gans original-theano-version, jonasz/progressive_infogan: train.py."""
    model = blank(composed(compose_job, name))
    assert [player.name for player in model.players()] == ["generator", "critic"]


def test_gran_sees_its_four_fifths_twenty_one_times(compose_job):
    """source: jiwoongim/GRAN util_cifar10.py, main_granI_cifar10.py."""
    cfg = compose_job("experiment=gran/cifar10", "data=cifar10")
    assert cfg.turns * cfg.data.batch_size == 21 * cfg.spec.num_train == 21 * 40_000


def test_debugging_runs_through(run_job):
    run = run_job("debug=fast", "network=mlp", "callbacks.grids.n=8")
    assert (run / "samples" / "turn-000020.png").is_file()
    assert run_job("debug=overfit", "network=mlp", "turns=2", run=run.parent / "overfit")


def test_a_recipe_says_which_data_it_lacks(compose_job):
    with pytest.raises(UsageError, match="There is no folder .*train"):
        build_data(composed(compose_job, "biggan/imagenet_128"))
