"""What is installed by a wheel, far from any checkout: all commands, beside files of the user's own."""

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = "data=digits network=mlp trainer=cpu logger=csv log_every=1 metrics=data_space metrics.metrics=[kid]".split()
QUICK += ["metrics.n=60", "seed=2"]


def said(*words, cwd, code=0, **environment):
    """Run a program without this checkout on its path; give all that it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GEN_MODELS"))}
    kept |= {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", **environment}
    done = subprocess.run([*map(str, words)], cwd=cwd, env=kept, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def built(source, folder):
    said(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=source)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The wheel of this checkout, and the one that its source distribution gives."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    direct, source = built(ROOT, folder)
    (folder / "source").mkdir()
    said("tar", "-xzf", source, "-C", folder / "source", cwd=folder)  # tarfile's filters came within Python 3.11
    return direct, built(next((folder / "source").iterdir()), folder / "again")[0]


@pytest.fixture(scope="module")
def programs(wheels, tmp_path_factory):
    """The folder of programs of an environment with the second wheel, and with what it depends on."""
    home = tmp_path_factory.mktemp("venv")
    said(sys.executable, "-m", "venv", home, cwd=home)
    programs = home / "bin"
    said(programs / "pip", "install", "--quiet", "--no-index", "--no-deps", wheels[1], cwd=home)
    # A folder in a .pth is searched, and .pth files in it are not read: this checkout, if installed there, stays out.
    (place,) = home.glob("lib/python*/site-packages")
    (place / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return programs


@pytest.mark.slow
def test_a_source_distribution_gives_the_same_wheel_as_the_checkout(wheels):
    direct, again = (set(zipfile.ZipFile(wheel).namelist()) for wheel in wheels)
    assert direct == again
    configs = {str(path.relative_to(ROOT)) for path in (ROOT / "conf").rglob("*.yaml")}
    assert {f"gen_models/{name}" for name in configs} <= direct
    assert {f"gen_models/explore/static/{name}" for name in ("index.html", "app.js", "style.css")} <= direct
    assert {name.split("/")[0] for name in direct} == {
        *("gen_models", "gen_models-0.1.0.dist-info"),
        "hydra_plugins",  # a namespace: of it only what Hydra is to find
    }


@pytest.mark.slow
def test_everything_works_where_there_is_no_checkout(programs, tmp_path):
    (tmp_path / "data.py").write_text("raise SystemExit('a file of the user was imported')")
    (tmp_path / "conf").mkdir()
    gen_models, python = programs / "gen-models", programs / "python"

    def typed(*words, **options):
        return said(gen_models, *words, cwd=tmp_path, **options)

    assert typed("--version") == "gen_models 0.1.0\n"
    assert "runs/a/report.html" in typed("train", "model=gan", "turns=20", *QUICK, "run=runs/a")
    found = said(python, "-c", "import gen_models; print(gen_models.__file__)", cwd=tmp_path)
    assert str(programs.parent) in found
    assert "report" in said(
        python, "-m", "gen_models", "train", "model=vae", "turns=3", *QUICK, "run=runs/b", cwd=tmp_path
    )
    typed("train", "-m", "model=gan", "seed=3,4", "turns=2", *QUICK[:-1], "study=seeds")
    assert "4 runs: 4 done" in typed("status")
    assert "did you mean vae or" in typed("train", "model=vaee", code=2)
    typed("sample", "runs/a", "--out", "pictures/a.png")
    typed("evaluate", "runs/b", "--n", 80)
    typed("export", "runs/b", "--out", "b.safetensors")
    assert "gan" in typed("compare", "runs", "--out", "board.html", "--out", "board.md")
    typed("plot", "runs/a", "--y", "critic/adversarial", "--out", "plot.png")
    assert re.search("^plug-ins +none$", typed("doctor"), re.MULTILINE)
    for made in ("pictures/a.png", "b.safetensors", "board.html", "board.md", "plot.png"):
        assert (tmp_path / made).stat().st_size
