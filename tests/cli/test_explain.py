"""What a newcomer asks before the first run: a model on one screen, tables of what there is, a page of help."""

import re
import subprocess
import sys

import pytest
from rich.cells import cell_len

from gen_models.api.composing import composed
from gen_models.cli import main
from gen_models.run.conf import CONF, PACKAGE

GROUPS = {"models": "model", "networks": "network", "losses": "loss", "penalties": "penalty", "data": "data"}


@pytest.fixture
def typed(monkeypatch, capsys):
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gen-models", *words])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return end.value.code or 0, printed.out + printed.err

    return run


@pytest.fixture(scope="module")
def page():
    script = PACKAGE.parent / "train.py"
    return subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True).stdout


def test_explain_shows_the_model_that_would_be_trained(typed):
    code, text = typed("explain", "model=wgan_gp", "data=digits", "penalty.gp.weight=3")
    assert code == 0
    assert "3 · E (‖∇D(x̂)‖ - 1)²" in text


def test_explain_needs_no_data_where_a_recipe_states_them(typed):
    code, text = typed("explain", "experiment=sngan/imagenet_128")
    assert code == 0
    assert "ImageNet: 1,281,167 of 3 × 128 × 128" in text
    assert "stated by spec" in text


def test_explain_refuses_what_does_not_fit_in_one_sentence(typed):
    assert typed("explain", "model=wgan_gpp")[0] == 2
    code, text = typed("explain", "model=vae", "loss=hinge", "data=digits")
    assert code == 2
    assert text.startswith("model=vae does not take loss=hinge: it takes loss=")


def test_explain_knows_a_loss_of_a_plug_in(typed, tmp_path, monkeypatch):
    (tmp_path / "my_plugin" / "conf" / "loss").mkdir(parents=True)
    (tmp_path / "my_plugin" / "conf" / "loss" / "mine.yaml").write_text("_target_: my_plugin.Mine\nmargin: 2.0\n")
    (tmp_path / "my_plugin" / "__init__.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    where = f"hydra.searchpath=[file://{tmp_path}/my_plugin/conf]"
    for plugins in ("plugins=[my_plugin]", "plugins=my_plugin"):
        code, text = typed("explain", "model=wgan_gp", "data=digits", where, plugins, "loss=mine")
        assert code == 0
        assert "E max(0, 2 - D(x)) + E D(G(z))" in text
    monkeypatch.setenv("GEN_MODELS_PLUGINS", "my_plugin")
    code, text = typed("explain", "model=wgan_gp", "data=digits", where, "loss=mine")
    assert code == 0
    assert re.search(r"my_plugin/__init__\.py:\d+", text)


PLUGIN = '''
from gen_models.losses.adversarial import Adversarial


class Mine(Adversarial):
    """A margin."""

    def __init__(self, margin):
        self.margin = margin

    def critic(self, real, fake):
        """E max(0, margin - D(x)) + E D(G(z))."""
        return (self.margin - real).relu().mean() + fake.mean()

    def generator(self, fake, real=None):
        """-E D(G(z))."""
        return -fake.mean()
'''


@pytest.mark.parametrize("command", GROUPS)
def test_a_table_lists_every_file_of_its_group(typed, command):
    code, text = typed(command)
    assert code == 0
    for file in CONF.glob(f"{GROUPS[command]}/*.yaml"):
        assert re.search(rf"^\s*{file.stem}\s", text, re.MULTILINE)


@pytest.mark.slow
def test_help_is_a_page_for_people(page):
    lines = page.splitlines()
    assert len(lines) < 60
    assert max(map(cell_len, lines)) <= 102
    for group in GROUPS.values():
        assert {file.stem for file in CONF.glob(f"{group}/*.yaml")} <= set(page.split())


@pytest.mark.slow
def test_the_examples_of_help_can_be_typed(page):
    lines = re.findall(r"^  gen-models train (.*=.*)$", page, re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        words = [word for word in re.split(r"\s{2,}", line)[0].split() if "=" in word]
        with composed([re.sub(r"=([^\[,]*),.*", r"=\1", word) for word in words]) as cfg:
            assert cfg.model._target_
