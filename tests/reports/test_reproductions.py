"""Published figures beside those of runs, from records that are kept."""

import json
from dataclasses import asdict, replace

import pytest

from gen_models.errors import UsageError
from gen_models.metrics.record import Record
from gen_models.reports.finished import Finished
from gen_models.reports.recipes import recipes
from gen_models.reports.reproductions import keep, kept, of_run, page
from tests.conftest import CONF

FIGURE = "unsupervised accuracy of class"


def run(tmp_path, seed, value, *options):
    words = ["python train.py", "experiment=infogan/mnist", f"seed={seed}", "paths.data=elsewhere", *options]
    records = [
        Record(metric=FIGURE, value=value, higher_is_better=True, protocol={"n": 2000}),
        Record(metric="isolation of codes", value=0.1, higher_is_better=False),
    ]
    config = {"objective": "unsupervised_accuracy_of_class", "seed": seed}
    history = [{"turn": 1.0, "images": 1200.0, "images/s": 10.0}]
    return Finished(tmp_path, config, 5000, records, history, {}, " ".join(words), "1.0")


def rows(text, name):
    return [line for line in text.splitlines() if line.startswith(f"| `{name}`")]


def test_seeds_of_a_recipe_are_a_row_and_changes_another(tmp_path):
    runs = [run(tmp_path, 1, 0.9), run(tmp_path, 2, 0.8), run(tmp_path, 1, 0.5, "turns=50", "trainer=cpu")]
    found = keep([figure for each in runs for figure in of_run(each)], tmp_path / "kept.json")
    published = [each for each in recipes() if each.published]
    whole, changed = rows(page(found, published), "infogan/mnist")
    assert f"| {FIGURE} | 0.85 ± 0.64 | 2 | 5,000 | 2 | – |" in whole  # 12.71 standard errors of the mean of two
    assert "95 % of the digits" in whole
    assert "| 0.5 | 1 | 5,000 | 2 | `turns=50` |" in changed
    assert len(rows(page(found, published), "wgan_gp/cifar10")) == 1
    assert len({line.split("|")[1] for line in page(found, published).splitlines() if "| `" in line}) == len(published)


def test_samples_drawn_in_another_way_are_no_further_seed(tmp_path):
    whole = run(tmp_path, 1, 0.9)
    cold = replace(whole.records[0], value=0.2, way={"temperature": 0.5, "precision": "bf16-mixed"})
    found = keep(of_run(replace(whole, records=[*whole.records, cold])), tmp_path / "kept.json")
    published = [each for each in recipes() if each.published]
    other, own = rows(page(found, published), "infogan/mnist")
    assert f"| {FIGURE} | 0.9 | 1 |" in own
    assert f"| {FIGURE}, temperature=0.5, precision=bf16-mixed | 0.2 | 1 |" in other


def test_runs_of_16_bits_are_no_further_seeds_of_those_of_32(tmp_path):
    """By trainer=gpu, which is no other recipe, or typed: then earlier versions kept it among the changes alone."""
    coarse = run(tmp_path, 2, 0.5, "trainer=gpu")
    coarse = replace(coarse, records=[replace(each, way={"precision": "bf16-mixed"}) for each in coarse.records])
    file = tmp_path / "kept.json"
    keep([*of_run(run(tmp_path, 1, 0.9)), *of_run(coarse)], file)
    assert [(each.seed, each.value) for each in kept(file) if not each.way] == [(1, 0.9)]
    assert len({each.key for each in kept(file)}) == 2

    typed = run(tmp_path, 1, 0.7, "trainer.precision=bf16-mixed")
    typed = of_run(replace(typed, records=[replace(each, way={"precision": "bf16-mixed"}) for each in typed.records]))
    file.write_text(json.dumps([{**asdict(each), "way": {}} for each in typed]))
    assert kept(file) == typed
    published = [each for each in recipes() if each.published]
    assert f"| {FIGURE} | 0.7 |" in rows(page(typed, published), "infogan/mnist")[0]


def test_a_file_keeps_one_figure_of_a_seed(tmp_path):
    file = tmp_path / "kept.json"
    keep(of_run(run(tmp_path, 1, 0.7)), file)
    keep(of_run(run(tmp_path, 2, 0.8)), file)
    keep(of_run(run(tmp_path, 1, 0.9)), file)
    assert [(each.seed, each.value) for each in kept(file)] == [(1, 0.9), (2, 0.8)]
    assert json.loads(file.read_text())[0]["protocol"] == {"n": 2000}
    assert kept(tmp_path / "none.json") == []


def test_without_an_objective_all_figures_of_worth_are_kept(tmp_path):
    whole = run(tmp_path, 1, 0.9)
    cost = Record(metric="seconds a sample", value=0.1, higher_is_better=False)
    found = of_run(replace(whole, records=[*whole.records, cost], config={"objective": None}))
    assert [each.figure for each in found] == [FIGURE, "isolation of codes"]


def test_what_repeats_nothing_or_was_not_measured_is_refused(tmp_path):
    with pytest.raises(UsageError, match="repeats no recipe"):
        of_run(Finished(tmp_path, {}, 1, [], [], {}, "python train.py model=vae"))
    with pytest.raises(UsageError, match="has no figure unsupervised_accuracy_of_class: take it by"):
        of_run(run(tmp_path, 1, None))


def test_the_page_of_the_docs_is_what_its_records_give():
    docs = CONF.parent / "docs"
    published = [each for each in recipes() if each.published]
    assert (docs / "reproductions.md").read_text() == page(kept(docs / "reproductions.json"), published)
