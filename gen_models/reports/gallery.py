"""Gallery: a page of the pictures of a folder, from a list of what each shows and of the commands that drew it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from gen_models.errors import UsageError, nearest
from gen_models.run.stored import read_yaml

COLUMN, PAGE = 364, 728
"""Pixels on the screen: as wide as a picture is shown that has another beside it, and as any is."""

NAME = re.compile(r"^# ([^:\n]+)", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")

PREFACE = """# Gallery

Averaged weights where the model keeps them, first 64 samples of a fixed key, nothing picked: what the command below a
picture draws, and how long that takes where it was measured. `RUN` is the run of the line above, or of another picture.
A picture leads to itself in full size, a name to the page of its family. How good they are: [results](../results.md).

This page is made from [pictures.yaml](pictures.yaml) by `gen-models gallery --markdown docs/gallery/README.md`."""


@dataclass(frozen=True)
class Picture:
    """A picture of the folder.

    Attributes:
        file: Its name.
        shows: What one sees; code stands in backticks.
        command: What draws it, a line each.
        family: The page of docs/families that it belongs to.
        minutes: How long the training takes.
        machine: By what.
        see: A page that says more, from the folder.
        width: Pixels on the screen, where its own would not do.
    """

    file: str
    shows: str
    command: str = ""
    family: str | None = None
    minutes: float | None = None
    machine: str = "one core"
    see: str | None = None
    width: int | None = None


class Section(NamedTuple):
    """Pictures under one heading."""

    title: str
    pictures: Sequence[Picture]


class _Cell(NamedTuple):
    html: str
    wide: bool


def sections(file: Path) -> list[Section]:
    """Read a list of pictures, which are all those of its folder.

    Raises:
        UsageError: A picture is listed twice, or not at all, or is not there, or has a key that means nothing,
            or lacks one that it needs.
    """
    try:
        found = [Section(part["title"], [_picture(entry) for entry in part["pictures"]]) for part in read_yaml(file)]
    except (TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{file} is no list of headings (title), each with its pictures: see docs/gallery.") from error
    listed = [picture.file for section in found for picture in section.pictures]
    there = {path.name for path in file.parent.iterdir() if path.suffix in (".png", ".gif")}
    wrong = {
        "lists twice": {name for name in listed if listed.count(name) > 1},
        "does not list": there.difference(listed),
        "lists what is not there:": set(listed) - there,
    }
    for words, names in wrong.items():
        if names:
            raise UsageError(f"{file} {words} {', '.join(sorted(names))}.")
    return found


def _picture(entry: dict[str, Any]) -> Picture:
    known = [field.name for field in fields(Picture)]
    for key in entry:
        if key not in known:
            raise UsageError(f"a picture has no {key}: {nearest(key, known)}")
    for key in ("file", "shows"):
        if key not in entry:
            raise UsageError(f"a picture says no {key}: add one to {entry}.")
    return Picture(**entry)


def page(found: Sequence[Section], folder: Path) -> str:
    """Write the README.md of a folder of pictures: contents, then a table a section, of up to two pictures a row.

    Args:
        found: What `sections` gives.
        folder: Where the pictures are, beside a folder of pages of families.
    """
    names = {picture.family: name(folder, picture.family) for part in found for picture in part.pictures}
    lines = [PREFACE, "", *(_contents(part, names) for part in found)]
    for part in found:
        lines += ["", f"## {part.title}", "", '<table class="gallery">', *_table(part, folder, names), "</table>"]
    return "\n".join(lines) + "\n"


def name(folder: Path, family: str | None) -> str:
    """Give the name that a family's page begins with; nothing without a family.

    Raises:
        UsageError: There is no such page.
    """
    if family is None:
        return ""
    path = folder.parent / "families" / f"{family}.md"
    heading = NAME.search(path.read_text("utf-8")) if path.is_file() else None
    if heading is None:
        raise UsageError(f"{family} has no page with a name: family is the stem of a file of {path.parent}.")
    return heading[1]


def extent(picture: Picture, folder: Path) -> tuple[int, bool]:
    """Give a picture's width on the screen, and whether it has a row to itself."""
    with Image.open(folder / picture.file) as opened:
        width, height = opened.size
    wide = width > PAGE or width > max(COLUMN, 2 * height)  # what a column would make too small to see
    return picture.width or min(width, PAGE if wide else COLUMN), wide


def _contents(part: Section, names: Mapping[str | None, str]) -> str:
    families = dict.fromkeys(picture.family for picture in part.pictures if picture.family)
    links = ", ".join(f"[{names[family]}](#{family})" for family in families)
    return f"- [{part.title}](#{part.title.lower().replace(' ', '-')})" + (f": {links}" if links else "")


def _table(part: Section, folder: Path, names: Mapping[str | None, str]) -> Iterator[str]:
    """Write the rows of a section; the first picture of a family is where links to it lead."""
    first = {picture.family: picture.file for picture in reversed(part.pictures)}
    cells = []
    for picture in part.pictures:
        width, wide = extent(picture, folder)
        anchor = f' id="{picture.family}"' if picture.family and first[picture.family] == picture.file else ""
        attributes = f'valign="top"{anchor}' + (' colspan="2"' if wide else ' width="50%"')
        text = "<br>\n".join(_lines(picture, names[picture.family], width))
        cells.append(_Cell(f"<td {attributes}>\n{text}\n</td>", wide))
    for row in _rows(cells):
        yield from ("<tr>", *(cell.html for cell in row), "</tr>")


def _rows(cells: Sequence[_Cell]) -> Iterator[list[_Cell]]:
    """Lay out cells in their order: a wide one, or up to two others a row."""
    row: list[_Cell] = []
    for cell in cells:
        if row and (cell.wide or row[-1].wide or len(row) == 2):
            yield row
            row = []
        row.append(cell)
    yield row


def _lines(picture: Picture, name: str, width: int) -> Iterator[str]:
    """Write what is in a cell: the family, the picture, what it shows, commands and minutes."""
    shows, plain = CODE.sub(r"<code>\1</code>", escape(picture.shows, False)), escape(picture.shows.replace("`", ""))
    if name:
        yield f'<b><a href="../families/{picture.family}.md">{name}</a></b>'
    alt = f"{name}: {plain}" if name else plain
    yield f'<a href="{picture.file}"><img src="{picture.file}" width="{width}" alt="{alt}"></a>'
    yield shows + (f' (<a href="{picture.see}">more</a>)' if picture.see else "")
    yield from (f"<code>{escape(line, False)}</code>" for line in picture.command.splitlines())
    if picture.minutes is not None:
        yield f"<i>{picture.minutes:g} minute{'s' * (picture.minutes != 1)} on {picture.machine}</i>"
