"""Packages of others: their losses, networks, families and configs, in every command."""

import json
import sys
from pathlib import Path
from shutil import copytree

import pytest
import torch
from PIL import Image
from safetensors import safe_open

import gen_models
import gen_models.job
from gen_models.errors import UsageError
from gen_models.metrics.figure import feature_figures, figures_from
from gen_models.run.plugins import allowed, conf, searching_plugins
from gen_models.run.untrained import Blank
from tests.cli.test_cli import typed  # noqa: F401 (a fixture)
from tests.helpers import assert_same, newest

QUICK = "data=digits trainer=cpu logger=csv metrics=none turns=2".split()
NAME = "example_plugin"


@pytest.fixture
def plugin(monkeypatch):
    """The package of this name on Python's path, and not installed."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "examples"))
    monkeypatch.delenv("GEN_MODELS_PLUGINS", raising=False)
    yield NAME
    for module in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[module]


@pytest.mark.parametrize(
    "chosen", [["model=gan", "loss=margin", "network=linear"], ["model=matching"], ["model=feature_matching"]]
)
def test_a_run_of_a_plug_in_is_used_by_every_command(chosen, plugin, typed, tmp_path, recwarn):  # noqa: F811
    run, out = tmp_path / "run", tmp_path / "weights.safetensors"
    code, text = typed("train", f"plugins=[{plugin}]", *chosen, *QUICK, f"run={run}", f"paths.cache={tmp_path}/cache")
    assert not code, text
    assert f"--n 64 --plugins {plugin}" in " ".join(text.split())
    assert not [warning for warning in recwarn if "is not available" in str(warning.message)]
    assert typed("sample", run, "--plugins", plugin, "--n", 4, "--out", tmp_path / "a.png")[0] == 0
    assert Image.open(tmp_path / "a.png").width
    code, text = typed("evaluate", run, "--plugins", plugin, "--metrics", "data_space", "--metric", "kid", "--n", 70)
    assert (code, "KID" in text) == (0, True), text
    assert typed("export", run, "--plugins", plugin, "--out", out)[0] == 0
    with safe_open(out, "pt") as file:
        assert f"{plugin}." in json.dumps(json.loads(file.metadata()["config"])["model"])
    card = (tmp_path / "weights_card.md").read_text("utf-8")
    assert f"load(\"weights.safetensors\", plugins=('{plugin}',))" in card
    assert gen_models.load(run, plugins=(plugin,)).sample(3).shape == (3, 1, 8, 8)


def test_samples_of_a_plug_in_are_looked_at_before_the_first_turn(plugin, typed, tmp_path, monkeypatch):  # noqa: F811
    def trained(name):
        words = [f"plugins=[{plugin}]", "model=matching", *QUICK, f"run={tmp_path / name}"]
        return typed("train", *words, f"paths.cache={tmp_path}/cache")

    assert not trained("whole")[0]
    parts = sys.modules[f"{plugin}.parts"]
    with monkeypatch.context() as patched:
        patched.setattr("gen_models.job.named_in", lambda cfg: [])
        assert not trained("unseen")[0]
    assert_same(*(newest(tmp_path / name)["model"] for name in ("whole", "unseen")))
    turns = []
    monkeypatch.setattr(parts.Matching, "losses", lambda self, batch: turns.append(batch))
    monkeypatch.setattr(parts.Matching, "sample", lambda self, n, y=None: torch.zeros(64, 1, 8, 8))
    code, text = trained("wrong")
    assert (code, "the model's samples are a torch.float32 tensor of shape (64, 1, 8, 8)" in text) == (2, True), text
    assert not turns
    assert not (tmp_path / "wrong").exists()
    monkeypatch.setattr(parts.Matching, "evaluations", 784, raising=False)  # a walk from pixel to pixel
    trained("walking")
    assert turns


def test_a_run_notes_which_code_of_a_plug_in_played_it(monkeypatch, typed, tmp_path):  # noqa: F811
    package, run = tmp_path / "edited", tmp_path / "run"
    copytree(Path(__file__).parents[2] / "examples" / NAME, package)
    for path in [path for path in package.rglob("*") if path.suffix in (".py", ".yaml")]:
        path.write_text(path.read_text("utf-8").replace(NAME, "edited"), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    words = ["train", "plugins=[edited]", "model=matching", *QUICK, f"run={run}"]
    assert not typed(*words)[0]
    key = Blank(gen_models.Run(run).config).key
    (package / "parts.py").write_text((package / "parts.py").read_text("utf-8") + "\n", "utf-8")
    assert not typed(*words, "turns=3")[0]
    first, second = json.loads((run / "versions.json").read_text())
    assert (first["turn"], second["turn"]) == (0, 2)
    assert first["edited"] != second["edited"]
    assert Blank(gen_models.Run(run).config).key != key


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("model.matchin=3", "model=feature_matching has no option 'matchin': did you mean model.matching"),
        ("+model.bogus=3", "model has no option 'bogus'"),
    ],
)
def test_options_of_a_plug_in_are_held_against_its_constructor(option, said, plugin, typed, tmp_path):  # noqa: F811
    words = [f"plugins=[{plugin}]", "model=feature_matching", *QUICK, option, f"run={tmp_path}/run"]
    code, text = typed("train", *words)
    assert (code, said in text) == (2, True), text


def test_a_data_set_of_a_plug_in_decides_the_interface(plugin, typed, tmp_path):  # noqa: F811
    run, chosen = tmp_path / "run", ["model=matching", *QUICK, "data=stripes", "data.count=100"]
    code, text = typed("train", f"plugins=[{plugin}]", *chosen, f"run={run}", f"paths.cache={tmp_path}/cache")
    assert not code, text
    assert gen_models.load(run, plugins=(plugin,)).sample(2).shape == (2, 1, 8, 8)
    code, text = typed("evaluate", run, "--plugins", plugin, "--metrics", "data_space", "--metric", "offset", "--n", 50)
    assert (code, "offset" in text) == (0, True), text
    stripes = sys.modules[f"{plugin}.data"].Stripes
    assert stripes(count=100).fingerprint != stripes(count=200).fingerprint


def test_figures_of_a_plug_in_are_asked_for_by_name(plugin, typed, tmp_path):  # noqa: F811
    run, judged = tmp_path / "run", ["metrics=data_space", "metrics.metrics=[offset]", "metrics.n=50"]
    words = ["model=matching", *QUICK, *judged, f"run={run}", f"paths.cache={tmp_path}/cache"]
    code, text = typed("train", f"plugins=[{plugin}]", *words, "objective=offset_data_space")
    assert not code, text
    assert any(record.metric.startswith("offset") for record in gen_models.Run(run).records)
    code, text = typed("evaluate", run, "--plugins", plugin, "--figures", "brightness", "--n", 50)
    assert (code, "brightness" in text, "offset" in text) == (0, True, True), text
    code, text = typed("evaluate", run, "--plugins", "gen_models", "--figures", "brightness")
    assert (code, "there is no figure 'brightness'" in text) == (2, True), text


def test_a_figure_has_a_name_of_its_own(monkeypatch, tmp_path):
    (tmp_path / "twin").mkdir()
    (tmp_path / "twin" / "__init__.py").write_text(
        "from gen_models.metrics.figure import of_features\n"
        "FID = of_features('fid', 'FID', max, higher_is_better=True)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with figures_from(["twin"]), pytest.raises(UsageError, match="twin has a figure 'fid', which there already is"):
        feature_figures()
    assert feature_figures()["fid"].slow


def test_a_stored_run_allows_itself_nothing(plugin, typed, tmp_path, monkeypatch):  # noqa: F811
    run = tmp_path / "run"
    assert not typed("train", f"plugins=[{plugin}]", "model=matching", *QUICK, f"run={run}")[0]
    for words in (["sample"], ["export", "--out", tmp_path / "a.safetensors"], ["neighbours"]):
        code, text = typed(words[0], run, *words[1:])
        assert (code, f"a config may not name '{plugin}.parts." in text) == (2, True), text
    with pytest.raises(UsageError, match="may not name"):
        gen_models.load(run)
    monkeypatch.setenv("GEN_MODELS_PLUGINS", plugin)
    assert gen_models.load(run).sample(1).shape == (1, 1, 8, 8)


def test_an_installed_plug_in_needs_no_option(plugin, typed, tmp_path, monkeypatch):  # noqa: F811
    installed = tmp_path / "example-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Name: example\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(f"[gen_models.plugins]\nexample = {plugin}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert allowed() == (plugin,)
    run = tmp_path / "run"
    code, text = typed("train", "model=matching", *QUICK, f"run={run}")
    assert not code, text
    assert typed("sample", run, "--out", tmp_path / "a.png")[0] == 0


def test_plug_ins_are_named_once_and_found_beside_other_folders(plugin, monkeypatch):
    monkeypatch.setenv("GEN_MODELS_PLUGINS", f"json, {plugin}")
    assert allowed([plugin]) == (plugin, "json")
    monkeypatch.delenv("GEN_MODELS_PLUGINS")
    folder = f"'file://{conf(plugin)}'"
    assert searching_plugins(["a=1"]) == ["a=1"]
    words = [f"plugins=['{plugin}']", "hydra.searchpath=[pkg://more]", "a=1"]
    assert searching_plugins(words) == [words[0], "a=1", f"hydra.searchpath=[pkg://more,{folder}]"]
    for name in ("nowhere", "nowhere.at.all", "json.decoder"):
        with pytest.raises(UsageError, match=f"there is no package '{name}'"):
            searching_plugins([f"plugins={name}"])
