"""A stranger's run directory runs no code: every payload ends with one sentence, and its marker is not made."""

import json
import os
import shutil
from contextlib import suppress

import pytest
import torch
from omegaconf import OmegaConf
from PIL import EpsImagePlugin
from typer.testing import CliRunner

from gen_models import load
from gen_models.cli import assembled
from gen_models.errors import UsageError
from gen_models.files import inside
from gen_models.reports.finished import read
from gen_models.reports.status import status_of
from gen_models.run import stored
from gen_models.run.build import build, build_data, build_metrics, build_model
from gen_models.run.directory import occupied
from gen_models.run.events import standing
from gen_models.run.history import history
from gen_models.run.outcome import Finish
from gen_models.run.plugins import VARIABLE, allowed
from gen_models.run.reading import read_config
from gen_models.run.targets import resolve

CLI = "lightning.pytorch.cli"
LOAD = {"path_or_url": "{evil}", "weights_only": False}

CALLS = {
    "instantiate_class": {
        "_target_": f"{CLI}.instantiate_class",
        "args": "{touch}",
        "init": {"class_path": "os.system"},
    },
    "instantiate_class_of_subprocess": {
        "_target_": f"{CLI}.instantiate_class",
        "args": "{touch}",
        "init": {"class_path": "subprocess.check_output", "init_args": {"shell": True}},
    },
    "command_line": {"_target_": f"{CLI}.LightningCLI", "args": ["--config", "{evil}"]},
    "fabric_load": {"_target_": "lightning.fabric.utilities.cloud_io._load", **LOAD},
    "core_saving": {"_target_": "lightning.pytorch.core.saving._load_from_checkpoint", **LOAD},
    "load_from_checkpoint": {"_target_": "lightning.LightningModule.load_from_checkpoint", "checkpoint_path": "{evil}"},
    "torch_by_nn": {"_target_": "torch.nn.modules.module.torch.load", "f": "{evil}", "weights_only": False},
    "torch_by_parallel": {"_target_": "torch.nn.parallel.distributed.torch.load", "f": "{evil}", "weights_only": False},
    "torch_load": {"_target_": "torch.load", "f": "{evil}", "weights_only": False},
    "torch_hub": {"_target_": "torch.hub.load", "repo_or_dir": "{evil}", "model": "x", "source": "local"},
    "torch_jit": {"_target_": "torch.jit.load", "f": "{evil}"},
    "torch_optim_warnings": {"_target_": "torch.optim.optimizer.warnings.sys.exit"},
    "nn_init": {"_target_": "torch.nn.init.os.system", "command": "{touch}"},
    "nn_function": {"_target_": "torch.nn.init.normal_", "tensor": [1]},
    "optim_function": {"_target_": "torch.optim.swa_utils.update_bn"},
    "seed_everything": {"_target_": "lightning.seed_everything", "seed": 1},
    "lightning_module": {"_target_": "lightning.LightningModule"},
    "nested_load": {"_target_": "gen_models.load", "run": "{run}", "plugins": ["os"]},
    "system": {"_target_": "os.system", "command": "{touch}"},
    "popen": {"_target_": "subprocess.Popen", "args": "{touch}", "shell": True},
    "eval": {"_target_": "builtins.eval", "_args_": ["open('{marker}', 'w')"]},
    "exec": {"_target_": "exec", "_args_": ["open('{marker}', 'w')"]},
    "path_write": {"_target_": "pathlib.Path.write_text", "_args_": ["{marker}", "x"]},
    "alias_of_ours": {"_target_": "gen_models.run.checkpoints.os.system", "_args_": ["{touch}"]},
    "alias_of_shutil": {"_target_": "gen_models.run.directory.rmtree", "path": "{run}"},
    "alias_of_path": {"_target_": "gen_models.run.directory.Path", "_args_": ["{marker}"]},
    "function_of_ours": {"_target_": "gen_models.run.outcome.note_error", "run": "{marker}", "text": "x"},
    "method_of_ours": {"_target_": "gen_models.run.outcome.Finish.read", "run": "{run}"},
    "hydra": {"_target_": "hydra.utils.call", "config": {"_target_": "os.system"}},
    "hydra_get": {"_target_": "hydra.utils.get_object", "path": "os.system"},
    "numpy": {"_target_": "numpy.load", "file": "{evil}", "allow_pickle": True},
    "functools": {"_target_": "functools.partial", "_args_": ["os.system", "{touch}"]},
    "main_module": {"_target_": "lightning.fabric.__main__.main"},
    "dunder": {"_target_": "gen_models.families.VAE.__init__.__globals__"},
    "relative": {"_target_": "gen_models..os.system"},
    "not_text": {"_target_": ["os.system"]},
    "a_node": {"_target_": {"_target_": "os.system"}},
    "a_number": {"_target_": 3},
    "nothing": {"_target_": None},
    "csv_logger": {"_target_": "lightning.pytorch.loggers.CSVLogger", "save_dir": "{marker}"},
    "own_logger": {"_target_": "gen_models.run.RunCSV", "path": "{marker}"},
    "callback": {"_target_": "lightning.pytorch.callbacks.ModelCheckpoint", "dirpath": "{marker}"},
    "trainer": {"_target_": "lightning.Trainer", "default_root_dir": "{marker}"},
    "profiler": {"_target_": "lightning.pytorch.profilers.AdvancedProfiler", "dirpath": "{marker}"},
    "data_for_a_network": {"_target_": "gen_models.data.Folder", "root": "/"},
    "loss_for_a_network": {"_target_": "gen_models.losses.Hinge"},
}
"""Objects that are put in the place of a network."""

FORMS = {
    "plain": lambda node: node,
    "partial": lambda node: {**node, "_partial_": True},
    "not_recursive": lambda node: {**node, "_recursive_": False},
    "as_argument": lambda node: {"_target_": "gen_models.networks.MLPBody", "shape": [1], "hidden": [node]},
    "positional": lambda node: {"_target_": "torch.nn.Sequential", "_args_": [node]},
    "deep_in_a_map": lambda node: {"anything": [{"more": node}]},
    "keyword": lambda node: {"_target_": "torch.nn.Identity", "whatever": node},
}
FORMED = ("instantiate_class", "system", "torch_by_nn")

FILES = {
    "python_tag": "model: !!python/object/apply:os.system ['{touch}']",
    "new_tag": "model: !!python/object/new:os.system ['{touch}']",
    "module_tag": "model: !!python/module:os",
    "environment": "model: ${{oc.env:HOME}}",
    "interpolated_target": "a: os.system\nmodel: {{_target_: '${{a}}', command: '{touch}'}}",
    "resolver_in_a_key": "model: {{'${{oc.env:HOME}}': 1}}",
    "hydra_resolver": "name: ${{hydra:runtime.cwd}}",
    "aliases": "a: &a [1, 2]\nb: [*a, *a]",
    "bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
    "deep": "{deep}",
    "large": "{large}",
    "a_list": "[1, 2]",
    "no_yaml": "{{",
    "binary": "\udcff",
}


@pytest.fixture
def run(copy_job, tmp_path):
    """A run with a network to be replaced, and a pickle beside it that makes the marker."""
    torch.save(Evil(tmp_path / "marker"), tmp_path / "evil.pt")
    return copy_job("model=ae", "network=mlp", "turns=1")


class Evil:
    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def filled(node, folder):
    """A payload with the paths of this test."""
    words = {"marker": f"{folder}/marker", "touch": f"touch {folder}/marker"}
    words |= {"evil": f"{folder}/evil.pt", "run": f"{folder}/run"}
    if isinstance(node, dict):
        return {key: filled(child, folder) for key, child in node.items()}
    if isinstance(node, list):
        return [filled(child, folder) for child in node]
    return node.format(**words) if isinstance(node, str) else node


def assert_refused(act, folder):
    with pytest.raises(UsageError) as refusal:
        act()
    assert not (folder / "marker").exists()
    assert len(str(refusal.value).splitlines()) == 1


def stored_with(run, **groups):
    """Write the payload into the run, which asks for all plug-ins that it can think of."""
    cfg = OmegaConf.to_container(OmegaConf.load(run / "config.yaml"))
    cfg["plugins"] = ["os", "subprocess", "builtins", "torch", "lightning", "numpy", "shutil", "functools", "pathlib"]
    for group, node in groups.items():
        cfg[group] = node
    OmegaConf.save(OmegaConf.create(cfg), run / "config.yaml")
    return cfg


def test_the_pickle_would_make_the_marker(run, tmp_path):
    torch.load(tmp_path / "evil.pt", weights_only=False)
    assert (tmp_path / "marker").exists()


@pytest.mark.slow
def test_no_call_in_a_stored_config_is_made(run, tmp_path):
    cfg = stored_with(run)
    for name, call in CALLS.items():
        for form in FORMS if name in FORMED else ("plain",):
            node = FORMS[form](filled(call, tmp_path))
            stored_with(run, model={**cfg["model"], "encoder": node})
            assert_refused(lambda: load(run), tmp_path)
            stored_with(run, model=node)
            assert_refused(lambda: build_model(read_config(run)), tmp_path)
            stored_with(run, model=cfg["model"], data=node, metrics=node)
            assert_refused(lambda: build_data(read_config(run)), tmp_path)
            assert_refused(lambda: build_metrics(read_config(run)), tmp_path)
            stored_with(run, data=cfg["data"])


@pytest.mark.parametrize("content", FILES)
def test_no_file_does_more_than_hold_data(content, run, tmp_path):
    text = FILES[content].format(
        touch=f"touch {tmp_path}/marker", deep="[" * 5000 + "]" * 5000, large="a: " + "x" * stored.LARGEST
    )
    text = f"seed: 1\n{text}" if "${" in text else text
    (run / "config.yaml").write_bytes(text.encode(errors="surrogateescape"))
    assert_refused(lambda: load(run), tmp_path)


@pytest.mark.parametrize("command", ["sample", "evaluate", "reconstruct", "interpolate", "neighbours"])
def test_no_command_honours_stored_plugins(command, run, tmp_path):
    load_evil = {"_target_": "torch.load", "f": f"{tmp_path}/evil.pt", "weights_only": False}
    cfg = stored_with(run, data=load_evil)
    stored_with(run, model={**cfg["model"], "encoder": load_evil})
    result = CliRunner().invoke(assembled(), [command, str(run)])
    assert result.exit_code != 0
    assert "may not name 'torch.load'" in f"{result.output}{result.exception}"
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("folders", ["sample pictures", "evaluate evaluation", "export export"])
def test_no_command_writes_through_a_link_out_of_a_run(folders, run, tmp_path):
    command, name = folders.split()
    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(run / name, ignore_errors=True)
    (run / name).symlink_to(tmp_path / "elsewhere")
    result = CliRunner().invoke(assembled(), [command, str(run)])
    assert isinstance(result.exception, UsageError)
    assert "is behind a link that leads out of" in str(result.exception)
    assert not list((tmp_path / "elsewhere").iterdir())
    (run / name).unlink()
    (run / "own").mkdir()
    (run / name).symlink_to("own")
    assert inside(run, name) == run / name


@pytest.mark.parametrize("name", ["checkpoints", "samples", ".hydra", "metrics.csv", "events.jsonl", ".lock"])
def test_no_run_is_continued_through_a_link_out_of_it(name, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "mine").write_text("precious")
    (tmp_path / "run" / name).symlink_to(tmp_path / "mine")
    with pytest.raises(UsageError, match="leads out of|can't be written"), occupied(tmp_path / "run"):
        pass
    assert (tmp_path / "mine").read_text() == "precious"


@pytest.mark.slow
def test_a_stored_config_is_read_as_it_stands(run, monkeypatch):
    stored_with(run, hydra={"searchpath": ["pkg://os"]})
    cfg = read_config(run)
    assert cfg.plugins == []
    assert "hydra" not in cfg
    (run / ".hydra").mkdir(exist_ok=True)
    (run / ".hydra" / "overrides.yaml").write_text("- classes=${spec.num_classes}\n- a=${oc.env:HOME}\n")
    assert stored.read_yaml(run / ".hydra" / "overrides.yaml")[1] == "a=${oc.env:HOME}"


@pytest.mark.parametrize("before", ["", "\\", "\\\\", "a\\\\\\"])
def test_a_reference_in_a_stored_config_stays_text(before, run):
    text = f"{before}${{oc.env:HOME}}"
    (run / "config.yaml").write_text(json.dumps({"name": text}))
    assert read_config(run).name == text


def test_what_is_built_is_what_was_checked(compose_job):
    """A resolver could answer the second time what it did not the first."""
    answers = iter(["gen_models.networks.MLPBody", *["os.system"] * 9])
    OmegaConf.register_new_resolver("changing", lambda: next(answers), replace=True)
    cfg = OmegaConf.create({"model": {"_target_": "${changing:}", "shape": [2], "hidden": [2]}})
    with pytest.raises(UsageError, match="model takes GenerativeModel, not a MLPBody"):
        build(cfg, "model")
    assert type(build(OmegaConf.create({"x": {**cfg.model, "_target_": "gen_models.networks.MLPBody"}}), "x"))


def test_a_value_that_would_be_resolved_twice_is_refused(monkeypatch):
    monkeypatch.setenv("TWICE", "${oc.env:HOME}")
    with pytest.raises(UsageError, match="read twice"):
        build(OmegaConf.create({"model": {"shape": "${oc.env:TWICE}"}}), "model")


@pytest.mark.parametrize("name", ["torch.optim.Adam", "torch.nn.Identity", "gen_models.losses.Hinge"])
def test_parts_may_be_named(name):
    assert resolve(name).__name__ == name.rpartition(".")[2]


@pytest.mark.parametrize("name", ["lightning.Trainer", "lightning.pytorch.loggers.TensorBoardLogger"])
def test_what_surrounds_a_training_may_be_named_there_only(name):
    assert resolve(name, around=True)
    with pytest.raises(UsageError, match="belongs in trainer, callbacks or logger"):
        resolve(name)


def test_a_plugin_is_allowed_by_whoever_runs_the_command(monkeypatch):
    with pytest.raises(UsageError, match=r"plugins=fractions.*--plugins fractions.*plugins=\('fractions',\)"):
        resolve("fractions.Fraction")
    assert resolve("fractions.Fraction", ("fractions",)).__name__ == "Fraction"
    monkeypatch.setenv(VARIABLE, "json, email")
    assert allowed(["xml"])[:3] == ("xml", "json", "email")
    assert allowed("xml")[:1] == ("xml",)
    with pytest.raises(UsageError, match="there is no package 'nowhere_at_all', which is named as a plug-in"):
        allowed(["nowhere_at_all"])
    with pytest.raises(UsageError, match="no class of fractions"):
        resolve("fractions.math", ("fractions",))


ENDLESS = ("config.yaml", ".hydra/overrides.yaml", "metrics.csv", "events.jsonl", "finished.json", "error.txt")
ENDLESS += ("versions.json", "checkpoints/manifest.json", "evaluation/turn-000001.json", "samples/turn-000001.png")


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_no_reading_waits_or_never_ends(name, kind, run):
    """A pipe without a writer, and a link to what has no end: an archive may hold both."""
    file = run / name
    file.unlink(missing_ok=True)
    os.mkfifo(file) if kind == "pipe" else file.symlink_to("/dev/zero")
    for ask in (status_of, read):
        with suppress(UsageError):
            ask(run)


def test_a_file_that_is_larger_than_a_run_writes_is_not_read(run, monkeypatch):
    monkeypatch.setattr("gen_models.files.LARGEST", 10)
    assert (Finish.read(run), history(run), standing(run)) == (None, [], [])


def test_no_picture_is_given_to_an_interpreter(run, monkeypatch):
    """Pillow hands EPS to Ghostscript, whatever its file is called."""
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *rest, **more: pytest.fail("it was run"))
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n"
    (run / "samples" / "turn-000009.png").write_bytes(program)
    assert read(run).pictures["samples"].name == "turn-000001.png"


def test_no_page_shows_the_pictures_of_another_folder(run, tmp_path):
    run.joinpath("samples").rename(tmp_path / "pictures")
    (run / "samples").symlink_to(tmp_path / "pictures")
    assert (read(run).pictures, read(run).strip) == ({}, ())
