"""A model's part of its family's page: what the sources say, linked to where they say it."""

import re

import gen_models
from gen_models.reports.catalogue import Entry
from gen_models.reports.explain.source import code
from gen_models.reports.recipes import recipes
from gen_models.reports.site.family import last, part, repeating, titled
from gen_models.reports.site.interface import reference
from gen_models.run.build import build_data, build_model
from gen_models.run.conf import PACKAGE


def test_a_part_has_the_formula_the_line_and_the_recipe(compose_job):
    cfg = compose_job("model=wgan_gp")
    build_data(cfg)
    text = part("wgan_gp", build_model(cfg), repeating("wgan_gp", recipes()))
    assert "[Gulrajani et al. 2017](https://arxiv.org/abs/1704.00028)" in text
    assert "| `critic/gp` | `10 · E (‖∇D(x̂)‖ - 1)²` |" in text
    assert "`experiment=wgan_gp/cifar10`" in text
    file, line = re.search(r"`critic/adversarial`.*\]\((gen_models/\S+)#L(\d+)\)", text).groups()
    assert (PACKAGE.parent / file).read_text().splitlines()[int(line) - 1].startswith("    def critic(")


def test_recipes_belong_to_the_model_that_they_choose():
    names = {model: {each.name for each in repeating(model, recipes())} for model in ("lapgan", "lapgan_sgd", "dgn")}
    assert names["lapgan"] == set()
    assert "lapgan/cifar10" in names["lapgan_sgd"]
    assert "dgn/flowing" in names["dgn"]


def test_a_model_without_a_paper_has_no_link():
    assert titled(Entry("mine", "Mine", "to try")) == "**Mine**: to try."


def _doubled(value: float) -> float:
    """Give twice the value."""
    return 2 * value


def test_code_is_shown_without_its_docstring():
    assert code(_doubled) == "def _doubled(value: float) -> float:\n    return 2 * value"
    assert last(code(_doubled)) == "2 * value"
    assert last("return sum(\n    x\n)") == "…"


def test_the_reference_has_every_public_name_with_its_arguments():
    text = reference(gen_models)
    for name in gen_models.__all__:
        assert f"## `gen_models.{name}`" in text
    assert "- `overrides`: Options as on the command line" in text
    assert "### `Run.samples`" in text
