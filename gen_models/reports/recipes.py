"""Recipes: what each file of `conf/experiment` repeats, what was published, and what it costs, read from its head."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gen_models.run.conf import CONF

TITLE = re.compile(r"^(?P<title>[^:(]+) \((?P<source>.+?)\): (?P<text>.+)$")
KEYS = ("Published", "Not as there", "Cost", "Run here")
"""Words that begin a paragraph of a head; the first paragraph says what it is."""

ADDRESS = re.compile(r"https?://[^\s,;)]+")

COUNTED = re.compile(r"^\| `([\w/]+)` \| .*? \| ([\d,]+) \| about", re.MULTILINE)
"""A row of a page: the recipe, and its parameters."""

PREFACE = """# Recipes

Every file of `conf/experiment`, trained by `gen-models train experiment=…`. This page is made from the files, by
`gen-models recipes --markdown docs/recipes.md`; what a file leaves as its sources have it, and what not, stands in its
first lines.

GPU hours are those of `gen-models plan experiment=…`: by arithmetic, at 30 % of 156 TFLOP/s (an A100's TF32), or by
kernels, 8 µs for each, where that is more, as of small networks and of those that draw step by step. Neither was
measured on a GPU. *Run here* says what was tried in this project, on a CPU."""


class Recipe(NamedTuple):
    """Recipe of `conf/experiment`, as the head of its file tells it.

    Attributes:
        name: What is typed: `experiment=name`.
        title: What is repeated, on which data; of a study without a published figure, what it asks.
        source: Paper and code, with their addresses.
        text: The rest of the first paragraph.
        notes: The other paragraphs by the word that begins them: see `KEYS`.
    """

    name: str
    title: str
    source: str
    text: str
    notes: Mapping[str, str]

    @property
    def published(self) -> bool:
        """Whether it repeats a published figure."""
        return "Published" in self.notes


def recipes() -> list[Recipe]:
    """Read the heads of all recipes, sorted by name."""
    folder = CONF / "experiment"
    files = sorted(path for path in folder.glob("*/*.yaml") if path.parent.name != "shared")
    return [recipe(path.relative_to(folder).with_suffix("").as_posix(), path) for path in files]


def recipe(name: str, path: Path) -> Recipe:
    """Read the head of one recipe."""
    first, *others = paragraphs(path)
    notes = dict(other.split(": ", 1) for other in others)
    match = TITLE.match(first)
    if match is None or not notes:
        return Recipe(name, first, "", "", notes)
    return Recipe(name, match["title"], match["source"], match["text"], notes)


def paragraphs(path: Path) -> list[str]:
    """Give the paragraphs of the comment that begins a file; each but the first begins with one of `KEYS`."""
    found: list[str] = [""]
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.removeprefix("#").strip()
        if text.startswith(tuple(f"{key}: " for key in KEYS)):
            found.append(text)
        elif not text.startswith("@package"):
            found[-1] = f"{found[-1]} {text}".strip()
    return found


def page(found: Sequence[Recipe], parameters: Mapping[str, int]) -> str:
    """Write docs/recipes.md.

    Args:
        found: All recipes.
        parameters: Of the published ones, by name.
    """
    published = [each for each in found if each.published]
    studies = [each for each in found if not each.published]
    lines = [PREFACE, "", "## Published figures", ""]
    lines += [row("experiment=", "what", "published", "parameters", "cost", "run here", "source"), "|---" * 7 + "|"]
    for each in published:
        told = [each.notes[key].removesuffix(".") for key in ("Published", "Cost", "Run here")]
        cost = told[1].replace("estimated by `gen-models plan` from ", "by ")
        count = f"{parameters[each.name]:,}"
        lines.append(row(f"`{each.name}`", each.title, told[0], count, cost, told[2], linked(each.source)))
    lines += ["", "## Studies of this project", "", row("experiment=", "what"), "|---|---|"]
    lines += [row(f"`{each.name}`", each.title) for each in studies]
    return "\n".join(lines) + "\n"


def counted(text: str) -> dict[str, int]:
    """Read the parameters off a page, by recipe."""
    return {name: int(count.replace(",", "")) for name, count in COUNTED.findall(text)}


def row(*cells: str) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def linked(source: str) -> str:
    """A source whose addresses are links."""
    return ADDRESS.sub(lambda address: f"<{address[0]}>", source)
