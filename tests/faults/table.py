"""The table of `docs/reliability.md`: what the suite has counted, and what it has not."""

import re
import subprocess
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path

from gen_models.files import write_text
from tests.conftest import CONF
from tests.faults.rows import ROWS
from tests.faults.trial import Tally

PAGE = CONF.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- written by python -m tests.faults -->", "<!-- end of what is written -->"
HEAD = "| row | fault, and what has to hold | trials | held | worst seen | size | command | date | version |"


def write(page: Path, tallies: Mapping[str, Tally], size: str) -> None:
    """Write the rows that were played into the table; the others stay as they are, or say that they were not run."""
    text = page.read_text(encoding="utf-8") if page.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    kept = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("| ")}
    lines = [HEAD, "|---" * HEAD.count(" | ") + "|---|"]
    for name in ROWS:
        played = name in tallies
        lines.append(_line(name, tallies[name], size) if played else kept.get(name, _line(name, None, "")))
    write_text(page, "\n".join([f"{before}{BEGIN}", "", *lines, "", f"{END}{after}"]))


def _line(name: str, tally: Tally | None, size: str) -> str:
    command = f"`python -m tests.faults --row {name}`"
    if tally is None:
        return _joined(name, ROWS[name].fault, "not run", "", "", "", command, "", "")
    held = str(tally.held) if tally.held == tally.trials else f"**{tally.held}**"
    counts = str(tally.trials), held, tally.worst, size
    return _joined(name, ROWS[name].fault, *counts, command, date.today().isoformat(), _version())


def _joined(*cells: str) -> str:
    """A line of a table; what a run said may hold anything, but nothing of where it was."""
    plain = (re.sub(r"[^\s']*/faults-\w+/", "", " ".join(cell.split())) for cell in cells)
    return f"| {' | '.join(cell.replace('|', '/').replace('<', '&lt;') for cell in plain)} |"


def _version() -> str:
    """Of the package, with the commit where this is a checkout."""
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=CONF.parent, capture_output=True, text=True, check=False
    )
    return " ".join([version("gen_models"), asked.stdout.strip()]).strip()
