"""Catalogue of a configuration group: what each file offers, read from the comment that begins it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from gen_models.errors import UsageError, nearest
from gen_models.run.conf import CONF

HEAD = re.compile(
    r"^(?P<title>[^:]+): (?P<purpose>.+?)"
    r"(?: \((?P<paper>[^()]+?),? (?P<year>\d{4})(?:, (?P<url>https?://\S+?))?\))?\.$"
)
"""Title, purpose and, in parentheses at the end, paper, year and address."""


class Entry(NamedTuple):
    """What one file of a group offers.

    Attributes:
        name: What is typed: `model=name`.
        title: The thing's own name; empty where the head has another form.
        purpose: What it is for, or the whole head.
        paper: Authors.
        year: Of the paper.
        url: Of the paper.
    """

    name: str
    title: str
    purpose: str
    paper: str = ""
    year: str = ""
    url: str = ""


def catalogue(group: str) -> list[Entry]:
    """Read the heads of all files of a group, sorted by name.

    Args:
        group: A folder of `conf`, such as `model`.

    Raises:
        UsageError: There is no such group.
    """
    files = sorted((CONF / group).glob("*.yaml"))
    if not files:
        groups = sorted(path.name for path in CONF.iterdir() if any(path.glob("*.yaml")))
        raise UsageError(f"there is no group '{group}': {nearest(group, groups)}")
    return [entry(file) for file in files]


def entry(file: Path) -> Entry:
    """Read the head of one file: its first comment that is no directive to Hydra."""
    line = head(file)
    found = HEAD.match(line)
    if found is None:
        return Entry(file.stem, "", line)
    return Entry(file.stem, **{name: text or "" for name, text in found.groupdict().items()})


def head(file: Path) -> str:
    """Give the first line of a file's opening comment, without its sign; empty where there is none."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @package"):
            return line.lstrip("# ").strip()
    return ""


def tabulated(group: str, entries: Sequence[Entry]) -> Table:
    """Set entries in a table for a terminal; the paper links to its page where the terminal can."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(f"{group}=", style="bold cyan", no_wrap=True)
    table.add_column("what it is for", ratio=1)
    papers = any(each.paper for each in entries)
    if papers:
        table.add_column("paper", overflow="fold")
    for each in entries:
        purpose = Text.assemble((each.title, "bold"), ": " if each.title else "", each.purpose)
        table.add_row(each.name, purpose, *([paper(each)] if papers else []))
    return table


def paper(entry: Entry) -> Text:
    """Write authors and year, and the address below."""
    text = Text(" ".join(part for part in (entry.paper, entry.year) if part))
    return text.append(f"\n{entry.url}", style=f"dim link {entry.url}") if entry.url else text
