"""What commands share: how they are found, which options stand once, and what is refused before any work."""

import shlex
import subprocess
import sys

import pytest
import typer

import gen_models.job
import gen_models.launch
from gen_models.cli import assembled
from gen_models.errors import UsageError
from gen_models.run.accelerators import usable_device
from tests.cli.test_cli import typed  # noqa: F401 (a fixture)


def test_a_file_is_a_command(monkeypatch, tmp_path, typed):  # noqa: F811
    source = '"""Greetings."""\nimport typer\napp = typer.Typer()\n\n@app.command()\ndef greet():\n    print("hello")\n'
    (tmp_path / "greet.py").write_text(source)
    monkeypatch.setattr("gen_models.cli.__path__", [*sys.modules["gen_models.cli"].__path__, str(tmp_path)])
    assert typed("greet") == (0, "hello\n")
    assert "Greetings" in typed("--help")[1]


def test_every_command_that_opens_a_run_has_the_same_options():
    commands = typer.main.get_command(assembled()).commands
    shared = {name: {part.name for part in command.params} for name, command in commands.items()}
    opening = {name for name, names in shared.items() if "run" in names}
    assert opening >= {"sample", "evaluate", "export", "film", "latents"}
    assert all("plugins" in shared[name] for name in opening)
    without_model = {"real", "sanity"}  # whose weights would change nothing
    assert all(shared[name] >= {"averaged", "checkpoint", "device", "way"} for name in opening - without_model)
    assert not any(shared[name] & {"averaged", "checkpoint", "way"} for name in without_model)
    assert shared["tournament"] >= {"device", "plugins"}


@pytest.mark.parametrize("words", [["-m", "loss=hinge", "seed=1,2"], ["--cfg", "job", "--resolve"], ["--help"], []])
def test_train_hands_on_what_is_typed(words, typed, monkeypatch):  # noqa: F811
    given = []
    monkeypatch.setattr(gen_models.launch, "main", given.append)
    assert typed("train", *words)[0] == 0
    assert given == [words]


def test_the_command_line_is_whole_again_when_a_job_begins(monkeypatch, tmp_path):
    words = ["gen-models", "train", "data=digits", f"run={tmp_path}"]  # as Lightning types it for further devices
    monkeypatch.setattr(sys, "argv", words)
    seen = []
    monkeypatch.setattr(gen_models.job, "train", lambda cfg: seen.append((list(sys.argv), cfg.choices.data)))
    gen_models.launch.main(words[2:])
    assert seen == [(words, "digits")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sample", "RUN", "--out", "x.foo"], "x.foo can't be written: its name must end in .png or"),
        (["sample", "RUN", "--out", "file/x.png"], "file/x.png can't be written (Not a directory): choose a place"),
        (["sample", "RUN", "--out", "/proc/x.png"], "/proc/x.png can't be written (No such file or directory): choose"),
        (["sample", "RUN", "--out", f"{'n' * 300}.png"], "can't be written (File name too long): choose a place"),
        (["gallery", "file", "--markdown", "/proc/x.md"], "choose a place for it by --markdown."),
        (["recipes", "--markdown", "x.txt"], "--markdown x.txt can't be written: its name must end in .md."),
        (["recipes", "--markdown", "file/x.md"], "choose a place for it by --markdown."),
        (["reproductions", "file", "--records", "/proc/x.json"], "file is no run directory: it has no config.yaml"),
        (["reproductions", "--records", "x.json"], "there is no x.json: name runs of recipes to keep there"),
        (["reproductions", "--records", "file"], "file keeps no figures of recipes: restore it, or name another by"),
        (["film", "RUN", "--out", "x.png"], "its name must end in .gif."),
        (["export", "RUN", "--out", "x.pt"], "its name must end in .safetensors or .onnx or .pt2."),
        (["compare", "RUN", "--out", "x.md", "--out", "x.pdf"], "x.pdf can't be written: its name must end in .html"),
        (["tournament", "RUN", "--out", "x.csv"], "its name must end in .md or .json."),
        (["sample", "RUN", "--device", "cuda"], "torch does not see device cuda (no GPU here): choose cpu"),
        (["evaluate", "RUN", "--device", "gpu"], "there is no device 'gpu': choose cpu"),
        (["tournament", "RUN", "--device", "cuda:1"], "torch does not see device cuda:1"),
        (["sample", "RUN"], "there is no RUN: gen-models status lists the runs."),
        (["sample", "last"], "there is no run in runs yet: train one, or name a run directory."),
        (["train", "-sc", "install=bash"], "gen-models --install-completion bash completes train too."),
        (["train", "plugins=[nowhere_at_all]"], "there is no package 'nowhere_at_all'"),
        (["sample", "RUN", "--plugins", "nowhere_at_all"], "there is no package 'nowhere_at_all'"),
        (["tournament", "RUN", "--plugins", "nowhere_at_all"], "there is no package 'nowhere_at_all'"),
        (["sample", "RUN", "--components", "3"], "--components is part of --density mixture and does nothing without"),
        (["sample", "RUN", "--components", "3", "--density", "gaussian"], "is part of --density mixture"),
        (["reconstruct", "RUN", "--class", "3"], "--class is part of --image"),
        (["reconstruct", "RUN", "--image", "file", "--n", "3"], "--image takes the place of --n: leave one"),
        (["complete", "RUN", "--image", "file", "--n", "3"], "--image takes the place of --n: leave one"),
        (["complete", "RUN", "--keep", "0.2", "--mask", "file"], "--mask takes the place of --keep: leave one"),
        (["complete", "RUN", "--mask", "m.png"], "m.png cannot be read: No such file or directory."),
        (["reconstruct", "RUN", "--image", "file", "--image", "a.png"], "a.png cannot be read: No such file"),
        (["steer", "RUN", "--linear"], "--spherical is part of --between"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else None,
)
def test_what_can_not_be_done_is_refused_before_any_work(words, sentence, typed, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GEN_MODELS_RUNS", raising=False)
    (tmp_path / "file").touch()
    code, text = typed(*words)
    assert (code, sentence in text, "Traceback" in text) == (2, True, False), text
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sample", "heads"], "there is no heads: did you mean runs/heads?"),
        (["compare", "heads"], "there is no heads: did you mean runs/heads?"),
        (["sample", "runs/heads"], "runs/heads is no run directory: it has no config.yaml."),
        (["compare", "runs"], "runs is no run directory: it has no config.yaml, and no run with a checkpoint is below"),
    ],
)
def test_what_is_no_run_is_told_from_what_is_not_there(words, sentence, typed, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GEN_MODELS_RUNS", raising=False)
    (tmp_path / "runs" / "heads").mkdir(parents=True)
    code, text = typed(*words)
    assert (code, sentence in text) == (2, True), text


def test_devices_that_torch_sees_are_taken():
    assert usable_device("cpu").type == "cpu"
    with pytest.raises(UsageError, match="meta"):
        usable_device("meta")


def test_a_folder_means_its_newest_finished_run(run_job, typed, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setenv("GEN_MODELS_RUNS", str(tmp_path / "runs"))
    quick = ["model=gan", "network=mlp", "turns=1"]
    first, second = (run_job(*quick, f"seed={i}", run=tmp_path / "runs" / f"{i}") for i in (1, 2))
    third = run_job(*quick, "seed=3", run=tmp_path / "runs" / "3")
    (third / "finished.json").unlink()
    for words in (["last"], [tmp_path / "runs"]):
        code, text = typed("sample", *words, "--n", 2)
        assert (code, f"run {second}\n" in text) == (0, True), text
    (second / "finished.json").unlink()
    assert f"run {first}\n" in typed("sample", "last", "--n", 2)[1]
    (first / "finished.json").unlink()
    assert f"is finished: name one that is not, such as {third}." in typed("sample", "last")[1]
    assert typed("sample", third, "--out", tmp_path / "a.png") == (0, f"{tmp_path}/a.png\n")
    assert "│ 3 " in typed("compare", tmp_path / "runs")[1]


def test_a_folder_of_one_run_means_this(run_job, typed, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setenv("GEN_MODELS_RUNS", str(tmp_path / "runs"))
    run = run_job("model=gan", "network=mlp", "turns=1", run=tmp_path / "runs" / "gan-digits" / "1")
    (run / "finished.json").unlink()  # as if it were still training
    assert typed("sample", tmp_path / "runs" / "gan-digits", "--n", 2)[1].endswith(f"run {run}\n")
    for words in (["compare", "last"], ["plot", "last", "--y", "critic/adversarial"]):
        code, text = typed(*words)
        assert (code, f"run {run}\n" in text) == (0, True), text
    assert (run / "pictures" / "plot.png").is_file()


def test_what_the_model_or_the_form_has_none_of_is_refused(run_job, typed, tmp_path):  # noqa: F811
    run = run_job("model=vae", "network=mlp", "model.latent_dim=2", "turns=1")
    picture = tmp_path / "a.png"
    assert typed("sample", run, "--n", 1, "--out", picture)[0] == 0
    refused = {
        "--columns is for one picture of many": ["sample", run, "--columns", 3, "--out", tmp_path / "a.npz"],
        "a bound on a likelihood, and none is taken": ["evaluate", run, "--draws", 3],
        "trained without classes": ["reconstruct", run, "--image", picture, "--class", 3],
        "on a plane already": ["latents", run, "--map", "tsne"],
        "weights keep no way of sampling": ["export", run, "--way", "steps=3"],
    }
    for words, command in refused.items():
        code, text = typed(*command)
        assert (code, words in text) == (2, True), text
    assert typed("export", run, "--out", tmp_path / "m.safetensors")[0] == 0
    code, text = typed("sample", tmp_path / "m.safetensors", "--no-averaged", "--out", tmp_path / "b.png")
    assert (code, "which ones was chosen when it was exported" in text) == (2, True), text


@pytest.mark.parametrize("command", [("explain",), ("plan",), ("data", "inspect"), ("train",)])
def test_a_misspelt_name_is_refused_without_waiting_for_torch(command):
    code = f"""
import shlex
import subprocess
import sys
from gen_models.cli import main
sys.argv = ["gen-models", *{command}, "model=wgna"]
try:
    main()
finally:
    print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, "did you mean wgan" in done.stderr) == (2, "False\n", True), done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("steer RUN --move 'direction 1=nan'", "as in 'direction 1=2', not 'direction 1=nan'."),
        ("steer RUN --move 'direction 1=1' --move 'direction 1=2'", "--move says 'direction 1' twice: say it once."),
        ("steer RUN --between 3,3", "--between takes the numbers of two draws, as in 3,7, not '3,3'."),
        ("decode RUN --at nan,1", "--at takes the two coordinates of a place, as in 0.5,-1.2, not 'nan,1'."),
        ("arithmetic RUN --attribute class --plus 1 --minus 1", "class=1 is added and subtracted: choose two values."),
        ("average RUN --std 0.1 --out /proc/x", "/proc/x can't be written"),
        ("gallery RUN/config.yaml", "config.yaml is no list of headings (title), each with its pictures"),
        ("explain model=gan turns=-4", "turns takes a whole number from 0 on, not '-4'."),
        ("interpolate RUN --rows 9999999", "of 99,999,990 samples would have 6,400 megapixels: choose fewer"),
        ("traverse RUN --rows 9999999", "megapixels: choose fewer."),
        ("mix RUN --columns 9999999", "megapixels: choose fewer."),
        ("real RUN --n 9999", "--n 9999 is more than the 1,197 training items: lower it, or leave it out."),
        ("reconstruct RUN --n 9999", "--n 9999 is more than the 300 test items"),
        ("sanity RUN --metrics data_space --n 5000", "--n 5000 is more than the 1,197 real items beside those"),
    ],
)
def test_what_a_run_can_not_do_is_refused_in_a_sentence(words, sentence, typed, trained_once):  # noqa: F811
    run = trained_once("model=vae", "network=mlp", "turns=1")
    code, text = typed(*(word.replace("RUN", str(run)) for word in shlex.split(words)))
    assert (code, sentence in text, "Traceback" in text) == (2, True, False), text


def test_a_configuration_of_something_else_is_no_run_s(typed, tmp_path):  # noqa: F811
    (tmp_path / "config.yaml").write_text("turns: 1\n")
    told = f"{tmp_path / 'config.yaml'} was not written by a run: it has no model.\n"
    for words in (["sample"], ["evaluate"], ["steer"]):
        assert typed(*words, tmp_path) == (2, told)
    with pytest.raises(UsageError, match="was not written by a run: it has no model"):
        gen_models.load(tmp_path)  # as a teacher, or a space, is opened
