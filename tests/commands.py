"""The commands that pages tell their readers to type."""

import re
import shlex
from html import unescape
from typing import NamedTuple

from gen_models.run.conf import PACKAGE

ROOT = PACKAGE.parent
PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
FENCED = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:python train\.py|gen-models) [^`]+)`")
CELL = re.compile(r"<code>((?:python train\.py|gen-models) [^<]+)</code>")
TRAINS = ("train", "explain", "plan", "data inspect")
"""Commands that take options as a training does."""


class Command(NamedTuple):
    """A line: the page that it stands on, `sample` or `data inspect`, and what follows."""

    page: str
    name: str
    words: tuple[str, ...]


def commands():
    """All lines that begin with this project's commands; those with a gap (…) as far as they are written out."""
    for page in sorted(PAGES):
        text = page.read_text()
        lines = [line for block in FENCED.findall(text) for line in block.replace("\\\n", " ").splitlines()]
        for line in [*lines, *INLINE.findall(text), *map(unescape, CELL.findall(text))]:
            yield from read(page.relative_to(ROOT).as_posix(), line.removeprefix("$ ").strip())


def read(page, line):
    """One line as commands: several where it says `reconstruct|complete`."""
    words = shlex.split(re.sub(r"\[(--[^]]*)\]", r"\1", line), comments=True) if starts(line) else []
    if words[:2] == ["python", "train.py"]:
        words = ["gen-models", "train", *words[2:]]
    if words[:1] == ["gen-models"] and len(words) > 1 and re.fullmatch(r"[a-z|]+", words[1]):
        size = 2 if words[1] == "data" and words[2:] and "=" not in words[2] else 1
        for name in words[1].split("|"):
            yield Command(page, " ".join([name, *words[2 : 1 + size]]), tuple(words[1 + size :]))


def starts(line):
    """Whether a line is a command of this project, and no sentence about it."""
    return line.startswith(("python train.py", "gen-models ")) and line.count("'") % 2 == 0
