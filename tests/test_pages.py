"""What pages tell people to type is there to be typed, and no model is without its page."""

import inspect
import re
import subprocess
import sys

import pytest
import typer
import yaml

from gen_models import families
from gen_models.api.composing import composed
from gen_models.cli import assembled
from gen_models.core.model import GenerativeModel
from gen_models.reports.catalogue import catalogue
from gen_models.run.conf import CONF
from tests.commands import ROOT, TRAINS, commands

if not (ROOT / "docs").is_dir():
    pytest.skip("a source distribution has no docs", allow_module_level=True)
EXAMPLE = ROOT / "examples" / "example_plugin"
README = (ROOT / "README.md").read_text()
FAMILIES = {path.stem: path.read_text() for path in (ROOT / "docs" / "families").glob("*.md") if path.stem != "README"}
HEAD = re.compile(r"---\nmodels: ([\w ]+)\ngroup: (.+)\n---\n# .+\n\n\S")
HEADS = {name: HEAD.match(text) for name, text in FAMILIES.items()}
OPTION = re.compile(r"(?<![\w./-])(?:model|network|data|augment|penalty|loss)(?:\.\w+)+")
TRAININGS = sorted({each.words for each in commands() if each.name == "train"})


def test_pages_have_commands():
    assert len({(each.name, each.words) for each in commands()}) > 150


def test_every_command_and_option_is_there():
    cli = typer.main.get_command(assembled())
    for page, name, words in commands():
        if name not in TRAINS:
            command = cli
            for word in name.split():
                assert word in command.commands, f"{page}: gen-models {name}"
                command = command.commands[word]
            with command.make_context(name, list(words), resilient_parsing=True) as context:
                command.make_parser(context).parse_args([word for word in words if "…" not in word])


def test_every_choice_of_a_training_is_a_file():
    for page, name, words in commands():
        for group, equals, chosen in (word.partition("=") for word in words if name in TRAINS):
            if equals and (CONF / group).is_dir() and not re.search(r"[…|]", chosen):
                for choice in filter(None, chosen.strip("[]").split(",")):
                    there = any((conf / group / f"{choice}.yaml").is_file() for conf in (CONF, EXAMPLE / "conf"))
                    assert there or choice in ("null", "mine"), f"{page}: {group}={chosen}"


@pytest.fixture(scope="module")
def options():
    """Every option of a file of configuration, by its path from the root."""
    return {path for file in CONF.rglob("*.yaml") for path in paths(file)}


def paths(file):
    """The options of a file: those of its own package, and those of its group."""
    group = file.relative_to(CONF).parts[0]

    def walk(tree, *before):
        for key, value in tree.items() if isinstance(tree, dict) else ():
            yield ".".join((*before, str(key)))
            yield from walk(value, *before, str(key))

    tree = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {*walk(tree), *walk(tree, group)}


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_options_within_the_text_of_a_page_are_in_a_file(name, options):
    assert set(OPTION.findall(FAMILIES[name])) <= options


@pytest.mark.slow
@pytest.mark.parametrize("words", TRAININGS, ids=" ".join)
def test_every_training_of_a_page_composes(words):
    chosen = [word for word in words if "=" in word and not re.search(r"…|interval|^hydra.sweeper|^study=", word)]
    if any("plugin" in word for word in chosen):
        pytest.skip("tests/install trains it")
    if "hydra/launcher=slurm" in chosen:
        pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="make test-slurm installs it")
    with composed([re.sub(r"=([^\[{,']+),.*", r"=\1", word) for word in chosen]) as cfg:
        assert cfg.model._target_


def test_no_model_is_on_two_pages_and_every_page_has_a_group():
    """A model that none names has a page that is all read from the sources."""
    groups = re.findall(r"^## (.+)", (ROOT / "docs" / "families" / "README.md").read_text(), re.MULTILINE)
    assert all(HEADS.values()), [name for name, head in HEADS.items() if not head]
    assert {head[2] for head in HEADS.values()} == set(groups)
    told = [model for head in HEADS.values() for model in head[1].split()]
    assert len(told) == len(set(told))
    assert set(told) <= {each.name for each in catalogue("model")}


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_page_shows_types_watches_and_warns(name):
    text = FAMILIES[name]
    for part in ("\n![", "\n```\n", "\n## What to watch\n", "\n## When it fails\n"):
        assert part in text, part


def family_of(file):
    """The family of a model: what its file targets first that is one, or else one of those that it builds on."""
    text = file.read_text(encoding="utf-8")
    found = (getattr(families, name) for name in re.findall(r"_target_: gen_models\.families\.(\w+)", text))
    mine = next((each for each in found if issubclass(each, GenerativeModel)), None)
    bases = [base for base in re.findall(r"^  - ([\w/]+)(?:@\S+)?$", text, re.MULTILINE) if base != "_self_"]
    return mine or next(filter(None, (family_of(file.parent / f"{base}.yaml") for base in bases)), None)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_page_leads_to_its_papers_and_to_the_files_of_its_models(name):
    head = FAMILIES[name].split("\n\n")[1]
    for each in catalogue("model"):
        if each.name in HEADS[name][1].split():
            assert f"](../../conf/model/{each.name}.yaml)" in head
            assert f"]({each.url})" in head or not each.url
            code = family_of(CONF / "model" / f"{each.name}.yaml")
            assert f"](../../gen_models/families/{inspect.getsourcefile(code).rsplit('/')[-1]})" in head


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_the_readme_has_a_row_for_a_page_with_its_models_and_their_papers(name):
    row = next(row for row in README.split("<tr>") if f'href="docs/families/{name}.md"' in row)
    for each in catalogue("model"):
        if each.name in HEADS[name][1].split():
            assert f"<code>model={each.name}</code>" in row
            assert each.url in row


def test_the_readme_can_be_read_on_a_small_screen():
    prose = re.sub(r"^```.*?^```|^<table>.*?^</table>", "", README, flags=re.MULTILINE | re.DOTALL)
    assert max(map(len, README.splitlines())) <= 120
    assert max(len(paragraph.split()) for paragraph in re.split(r"\n\n|\n- ", prose)) <= 80


@pytest.mark.slow
def test_the_site_builds_and_asks_nobody_for_anything(tmp_path):
    pytest.importorskip("mkdocs", reason="make docs installs it")
    words = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "‖∇D(x̂)‖" in (tmp_path / "families" / "wgan.html").read_text()
    for page in tmp_path.rglob("*.html"):
        assert not re.search(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//", page.read_text()), page
