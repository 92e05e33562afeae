"""What a report says of a model beside its numbers: its purpose, its paper, and where its page of the docs is."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gen_models.reports.catalogue import entry
from gen_models.run.conf import CONF, PACKAGE

HEAD = re.compile(r"^models: (.+)$", re.M)


class About(NamedTuple):
    """What is known of a model.

    Attributes:
        name: What is typed.
        title: Its own name.
        purpose: What it is for.
        paper: Authors and year, or "".
        url: Of the paper, or "".
        page: Address of its page of the docs as the report sees it, or "".
    """

    name: str
    title: str
    purpose: str
    paper: str
    url: str
    page: str


def about_model(name: str, report: Path) -> About | None:
    """Look a model up in this project's configurations; None where it comes from elsewhere.

    Args:
        name: What is typed: `model=name`.
        report: The page that links to what is found.
    """
    file = next((file for file in (CONF / "model").glob("*.yaml") if file.stem == name), None)
    if file is None:
        return None
    found, page = entry(file), next(_pages(name), None)
    place = "" if page is None else Path(os.path.relpath(page, report.absolute().parent)).as_posix()
    return About(name, found.title, found.purpose, f"{found.paper} {found.year}".strip(), found.url, place)


def _pages(model: str) -> Iterator[Path]:
    """Pages of a model's family in a checkout: of the site where that was built, or else as they were written."""
    root = PACKAGE.parent
    for source in sorted((root / "docs" / "families").glob("*.md")):
        named = HEAD.search(source.read_text("utf-8"))
        if named is not None and model in named[1].split():
            made = root / "site" / "families" / f"{source.stem}.html"
            yield made if made.is_file() else source
