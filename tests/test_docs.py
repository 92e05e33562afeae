"""What the pages say of the sources must be there."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from gen_models.analysis.figures import figures
from gen_models.run.conf import CONF, PACKAGE

PAGE = PACKAGE.parent / "docs" / "architecture.md"
if not PAGE.is_file():
    pytest.skip("a source distribution has no docs", allow_module_level=True)
FILE = re.compile(r"`((?:[a-z_]+/)*[a-z_]+\.py)`")


@pytest.mark.parametrize("name", sorted(set(FILE.findall(PAGE.read_text()))))
def test_a_file_that_the_architecture_names_is_there(name):
    assert any((folder / name).is_file() for folder in (PACKAGE, PACKAGE.parent))


def test_every_room_is_on_the_plan():
    plan = PAGE.read_text().split("```")[1]
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"([a-z]+)/", plan))


def test_the_glossary_is_short():
    rows = [line for line in PAGE.read_text().split("## Glossary")[1].splitlines() if line.startswith("| ")]
    assert len(rows) <= 25


def test_pages_link_to_files_that_exist():
    for page in [*PAGE.parent.rglob("*.md"), PAGE.parents[1] / "README.md", PAGE.parents[1] / "CONTRIBUTING.md"]:
        for target in re.findall(r"(?:\]\(|src=\"|href=\")(?!https?://|#)([^)#\"]+)", page.read_text()):
            assert Path(page.parent, target).exists(), f"{page.name}: {target}"


def test_every_figure_is_defined_on_the_page_of_figures_and_nothing_else_is():
    part = (PAGE.parent / "evaluation.md").read_text().split("## Every figure")[1].split("By other commands")[0]
    lines = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]] for line in part.splitlines() if line.startswith("| ")
    ]
    defined = [line for line in lines if line[0] != "figure"]
    printed = {title: figure for figure in figures().values() for title in figure.titles}
    for title, figure in printed.items():
        own = [line for line in defined if fnmatchcase(line[0], title)]
        assert own, f"{title} is not defined"
        assert all(line[1] == figure.name or not figure.slow for line in own), f"{title} is asked for by {figure.name}"
        assert all(("↑" if figure.higher_is_better else "↓") in line for line in own), f"{title} points elsewhere"
    for line in defined:
        assert any(fnmatchcase(line[0], title) for title in printed), f"nothing gives {line[0]}"
        assert line[2], f"{line[0]} has no definition"


@pytest.mark.parametrize("group", ["augment", "metrics", "callbacks"])
def test_the_page_of_options_names_all_files_of_a_group(group):
    named = re.search(rf"`{group}=([\w|]+)`", (PAGE.parent / "options.md").read_text())[1].split("|")
    assert set(named) == {file.stem for file in (CONF / group).glob("*.yaml")}
