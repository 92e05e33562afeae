"""What leaves a run: weights that are read back, programs that need nothing of this project, and their card."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from gen_models import load
from gen_models.errors import UsageError
from gen_models.run.exported import drawing, write
from gen_models.run.reading import read_config
from tests.cli.test_cli import typed  # noqa: F401 (a fixture)
from tests.conftest import CONF

EXAMPLE = CONF.parent / "examples" / "sample_exported.py"


def drawn(model, n=3):
    with model.evaluating("test"):
        return model.sample(n)


def names(file):
    with safe_open(file, "pt") as opened:
        return {name.partition(".")[0] for name in opened.keys()}  # noqa: SIM118 (not a dict)


def test_a_generator_is_read_back_without_its_critic(run_job, typed):  # noqa: F811
    run = run_job("model=cgan", "network=mlp", "turns=2")
    code, text = typed("export", run)
    file = run / "export" / "model.safetensors"
    assert (code, text.split()[-2:]) == (0, [str(file), str(run / "export" / "model_card.md")])
    assert names(file) == {"generator"}
    read = load(file)
    assert torch.equal(drawn(read), drawn(load(run)))
    assert (read.classes, read.clock.turn) == (10, 2)
    with pytest.raises(UsageError, match="holds no discriminator: ask the run itself"):
        read.score(drawn(read), torch.zeros(3, dtype=torch.int64))
    assert typed("export", run, "--whole", "--out", run / "all.safetensors")[0] == 0
    assert names(run / "all.safetensors") == {"generator", "discriminator"}
    whole = load(run / "all.safetensors")
    y = torch.zeros(3, dtype=torch.int64)
    assert torch.equal(whole.score(drawn(whole), y), load(run).score(drawn(whole), y))


@pytest.mark.parametrize("model", ["vae", "nice", "pixelcnn", "progan", "aae"])
def test_whatever_draws_samples_is_kept(model, run_job, typed, tmp_path):  # noqa: F811
    run = run_job(f"model={model}", "turns=1", *(["network=mlp"] if model in ("vae", "aae") else []))
    assert typed("export", run, "--out", tmp_path / "a.safetensors")[0] == 0
    assert torch.equal(drawn(load(tmp_path / "a.safetensors"), 2), drawn(load(run), 2))
    kept = {"vae": {"decoder"}, "progan": {"generator"}, "aae": {"decoder"}}.get(model)
    assert kept in (None, names(tmp_path / "a.safetensors"))


def test_a_file_tells_how_it_is_rebuilt_and_not_where_it_was_made(run_job, typed, tmp_path):  # noqa: F811
    run = run_job("model=vae", "network=mlp", "turns=1")
    assert typed("export", run, "--out", tmp_path / "a.safetensors")[0] == 0
    with safe_open(tmp_path / "a.safetensors", "pt") as opened:
        config = json.loads(opened.metadata()["config"])
    assert config["model"]["latent_dim"] == 32
    assert str(tmp_path) not in json.dumps(config)
    (tmp_path / "half.safetensors").write_bytes((tmp_path / "a.safetensors").read_bytes()[:1000])
    with pytest.raises(UsageError, match="can't be read as a model that gen-models export has written"):
        load(tmp_path / "half.safetensors")


@pytest.mark.parametrize(
    ("key", "words"),
    [("config", "{}"), ("networks", "5"), ("state", "[]"), ("state", '{"_extra_state": 5}')],
)
def test_a_file_that_is_forged_is_refused_in_a_sentence(key, words, copy_job, tmp_path):
    run, file = copy_job("model=vae", "network=mlp", "turns=1"), tmp_path / "forged.safetensors"
    write(load(run), read_config(run), ["decoder", "encoder", "to_posterior"], file)
    with safe_open(file, "pt") as opened:
        metadata, weights = opened.metadata(), {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    save_file(weights, file, metadata={**metadata, key: words})
    with pytest.raises(UsageError, match=r"forged\.safetensors (was not written by|can't be read as)"):
        load(file)


def test_raw_weights_are_those_that_were_asked_for(run_job, typed, tmp_path):  # noqa: F811
    run = run_job("model=progan", "turns=3")
    raw, averaged = load(run, averaged=False), load(run)
    assert not torch.equal(drawn(raw), drawn(averaged))
    assert typed("export", run, "--no-averaged", "--out", tmp_path / "a.safetensors")[0] == 0
    assert torch.equal(drawn(load(tmp_path / "a.safetensors")), drawn(raw))
    assert drawing(raw) == ["generator"]


def test_a_card_says_what_the_run_noted(run_job, typed):  # noqa: F811
    judged = ["metrics=data_space", "metrics.metrics=[kid]", "metrics.n=20"]
    run = run_job("model=vae", "network=mlp", "turns=2", *judged)
    assert typed("export", run)[0] == 0
    card = (run / "export" / "model_card.md").read_text()
    assert card.startswith("# vae on digits\n")
    items = "1,197 training items of 1 × 8 × 8"
    for word in ("https://arxiv.org/abs/1312.6114", "2 turns", items, "| KID (data space) ↓", '"n": 20', "## Limits"):
        assert word in card
    assert 'gen_models.load("model.safetensors")' in card


@pytest.mark.parametrize("kind", ["program", "onnx"])
@pytest.mark.slow
def test_a_program_decodes_as_the_model_does(kind, run_job, typed, tmp_path):  # noqa: F811
    if kind == "onnx":
        pytest.importorskip("onnxruntime", reason="pip install '.[onnx]'")
        pytest.importorskip("onnxscript", reason="pip install '.[onnx]'")
    run = run_job("model=cgan", "network=mlp", "turns=1")
    code, text = typed("export", run, "--to", kind)
    assert code == 0, text
    file = run / "export" / ("model.onnx" if kind == "onnx" else "model.pt2")
    given = np.load(run / "export" / "model_latents.npz")
    z, y = (torch.from_numpy(given[name][:5]) for name in "zy")
    if kind == "onnx":
        import onnxruntime

        (x,) = onnxruntime.InferenceSession(str(file)).run(["x"], {"z": z.numpy(), "y": y.numpy()})
        x = torch.from_numpy(x)
    else:
        program = torch.export.load(file)
        assert not any("discriminator" in name for name in program.state_dict)
        x = program.module()(z, y)
    assert torch.allclose(x, load(run).decode(z, y), atol=1e-5)
    done = subprocess.run([sys.executable, EXAMPLE, file, "drawn.png"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "drawn.png").stat().st_size


def test_the_example_knows_nothing_of_this_project():
    assert "gen_models" not in EXAMPLE.read_text()


def test_what_can_not_be_exported_is_refused(run_job, typed):  # noqa: F811
    run = run_job("model=pixelcnn", "turns=1")
    assert "no latents with a prior, which a program would map to samples" in typed("export", run, "--to", "program")[1]
    assert "leave --whole out" in typed("export", run, "--to", "program", "--whole")[1]
    assert "--to onnx writes .onnx, and not" in typed("export", run, "--to", "onnx", "--out", run / "a.pt2")[1]
    assert not (run / "export").exists()
