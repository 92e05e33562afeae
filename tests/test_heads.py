"""The heads of configs: the first comment of a file names the thing, what it is for, and its paper or source.

A command prints them as a table, so their form is fixed:
`# <Name>: <what it is for> (<Authors year>, <URL>).`, where the bracket may be missing.
"""

import re

import pytest

from tests.conftest import CONF

HEAD = re.compile(
    r"^# (?P<title>[^:]+): (?P<purpose>.+?)"
    r"(?: \((?P<paper>[^()]+?,? \d{4})(?:, (?P<url>https?://\S+?))?\))?\.$"
)
GROUPS = ("model", "network", "loss", "penalty", "augment", "data")
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
