"""The heads of configs and of the classes that they name: what the thing is called, what it is for, its paper.

The first comment of a file names the thing, what it is for, and its paper or source.

A command prints them as a table, so their form is fixed:
`# <Name>: <what it is for> (<Authors year>, <URL>).`, where the bracket may be missing.
"""

import ast
import inspect
import re
from pathlib import Path

import pytest
from hydra.utils import get_object

import gen_models
from tests.conftest import CONF

HEAD = re.compile(
    r"^# (?P<title>[^:]+): (?P<purpose>.+?)"
    r"(?: \((?P<paper>[^()]+?,? \d{4})(?:, (?P<url>https?://\S+?))?\))?\.$"
)
GROUPS = ("model", "network", "loss", "penalty", "augment", "data")
ROOMS = ("networks", "diffusion", "losses", "constraints", "augment", "media")
RIDDLE = re.compile(r"(What|How|Who|Whose|Which|Where|Whether)\b")
FILES = [path for group in GROUPS for path in sorted(CONF.glob(f"{group}/*.yaml"))]


def head(path):
    """The first comment that is not Hydra's."""
    return next(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("# @package"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_says_its_name_its_purpose_and_its_paper(path):
    found = HEAD.match(head(path))
    assert found, f"the first line of {path.name} is not `# Name: what it is for (Authors year, URL).`"
    assert "http" not in found["purpose"], "what follows the bracket belongs into the next line"
    assert len(found[0]) <= 120


def test_every_group_has_files_and_titles_differ_within_it():
    assert {path.parent.name for path in FILES} == set(GROUPS)
    for group in GROUPS:
        titles = [HEAD.match(head(path))["title"] for path in FILES if path.parent.name == group]
        assert len(titles) == len(set(titles)), group


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parent.name not in ("model", "data")], ids=lambda path: path.stem
)
def test_the_paper_of_a_file_is_cited_where_its_classes_are(path):
    url, text = HEAD.match(head(path))["url"], path.read_text(encoding="utf-8")
    classes = [get_object(name) for name in re.findall(r"_target_: (gen_models\.\S+?)[,}]?\s", text)]
    if not classes:
        assert "defaults:" in text, "a variant of another file"
    elif url is not None:
        assert any(url in inspect.getsource(inspect.getmodule(found)) for found in classes)


def test_a_module_that_names_a_paper_links_to_it_at_its_head():
    for path in Path(gen_models.__file__).parent.rglob("*.py"):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        assert "://" in text or not re.search(r"\b(19|20)\d\d\b", text), f"{path}: {text.splitlines()[0]}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_docstring_begins_with_a_term_and_no_riddle(room):
    for path in (Path(gen_models.__file__).parent / room).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
            text = ast.get_docstring(node) or ""
            assert text, path
            assert not RIDDLE.match(text), f"{path.name}: {text.splitlines()[0]}"
