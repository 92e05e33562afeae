"""Files of a turn, by their names: `turn-000500.png`, `film-000500.gif`, `turn-000500-mixture.json`."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

NAME = re.compile(r"(\w[\w-]*?)-(\d{6,})(?:-([A-Za-z_][\w-]*))?\.\w+")


class TurnFile(NamedTuple):
    """A file of what was done after a turn.

    Attributes:
        turn: Turns that were complete.
        kind: What it shows.
        path: Where it lies.
    """

    turn: int
    kind: str
    path: Path


def turn_file(kind: str, turn: int, ending: str, of: str = "") -> str:
    """The name of a file: what it shows, after which turn, its ending, and how it was taken, where there are ways."""
    return f"{kind}-{turn:06d}{f'-{of}' if of else ''}{ending}"


def turn_files(paths: Iterable[Path]) -> list[TurnFile]:
    """Those of some files that are of a turn, in the order of turns, and of names in one; links may lead elsewhere.

    From turn 1,000,000 on numbers are longer, and no order of names is that of turns.
    """
    matches = ((NAME.fullmatch(path.name), path) for path in paths if path.is_file() and not path.is_symlink())
    return sorted(TurnFile(int(match[2]), match[1], path) for match, path in matches if match)
