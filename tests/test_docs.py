"""What the pages say of the sources must be there."""

import re
from pathlib import Path

import pytest

from gen_models.run.conf import PACKAGE

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
    for page in [*PAGE.parent.glob("*.md"), PAGE.parents[1] / "README.md", PAGE.parents[1] / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert Path(page.parent, target).exists(), f"{page.name}: {target}"
