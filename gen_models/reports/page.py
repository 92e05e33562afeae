"""A report as one HTML file that needs nothing else: pictures, curves and styles are inside, and all words escaped."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gen_models.errors import visible
from gen_models.files import write_text
from gen_models.reports.about import about_model
from gen_models.reports.board import Board, Cell, short
from gen_models.reports.curves import numbers, pens, plotted
from gen_models.reports.finished import Finished
from gen_models.reports.grouping import board
from gen_models.reports.html import data, rendered
from gen_models.reports.naming import differences, names
from gen_models.reports.strips import embedded
from gen_models.reports.tables import ABOUT, LONE, about, headers, lone, notes, stand_ins

BOLD = (
    "The best of a column is bold where no other's 95 % interval overlaps with its own; that of a single run is the "
    "noise of its samples, and another training may end elsewhere."
)
NAMED = 6
"""Models that a title names, at most."""
REAL = "real"
"""The kind of picture that shows items of the data."""
FIRST = ("theory", "samples", REAL)
"""Kinds of pictures that stand before others."""
LABELS = {REAL: "real data", "theory": "theory beside training"}
"""What kinds of pictures are called, where not by their name."""


def write_page(runs: Sequence[Finished], path: Path, figures: Sequence[str] = ()) -> Path:
    """Write the report of one run, or of several side by side, with all figures or with some."""
    table = board(runs, figures)
    ordered = list({run.path: run for row in table.rows for run in row.runs}.values())
    labels = names(ordered)
    content = {
        "title": _title(ordered),
        "figures": _figures(table),
        "claims": [(run.claim, run.findings) for run in ordered if run.findings],
        "models": [found for name in models(ordered) if (found := about_model(name, path))],
        "cards": _cards(labels, ordered),
        "curves": _curves(labels, ordered),
        "options": _options(labels, ordered),
    }
    write_text(path, rendered("page.html", content))
    return path


def models(runs: Sequence[Finished]) -> list[str]:
    """The models of runs, each once."""
    return list(dict.fromkeys(run.model for run in runs))


def _title(runs: Sequence[Finished]) -> str:
    named = models(runs)
    usual = f"{', '.join(named) if len(named) <= NAMED else f'{len(named)} models'} on {runs[0].data}"
    own = str(runs[0].config.get("name", "")) if len(runs) == 1 else ""
    return f"{own}: {usual}" if own not in ("", f"{runs[0].model}-{runs[0].data}") else usual


def _figures(table: Board) -> dict[str, Any] | None:
    if not table.columns:
        return None
    scores = ["" if column.real is None else short(column.real) for column in table.shared]
    labels, best = headers(table), {column: table.best(column) for column in table.shared}
    return {
        "header": [*ABOUT, *(labels[column] for column in table.shared)],
        "real": ["real data", *[""] * (len(ABOUT) - 1), *scores] if any(scores) else [],
        "rows": [
            {"about": about(row), "scores": [_score(row.cells.get(c), best[c] is row) for c in table.shared]}
            for row in table.rows
        ],
        "stand_ins": stand_ins(table),
        "lone_header": LONE,
        "lone": lone(table),
        "notes": [*notes(table), BOLD],
        "protocols": [(label, column.conditions) for column, label in labels.items()],
    }


def _score(cell: Cell | None, best: bool) -> dict[str, Any] | None:
    if cell is None:
        return None
    untrained = "" if cell.untrained is None else short(cell.untrained)
    return {"text": str(cell), "best": best, "untrained": untrained}


def _cards(labels: Sequence[str], runs: Sequence[Finished]) -> list[dict[str, Any]]:
    """A card for each run; of several, what real data look like stands once before them."""
    if len(runs) == 1:
        return [_card(labels[0], runs[0], runs[0].pictures)]
    seen = {run.pictures[REAL].read_bytes(): run.pictures[REAL] for run in runs if REAL in run.pictures}
    nothing = {"places": "", "command": "", "own": "", "alarms": [], "strip": []}
    real = [{**nothing, "label": LABELS[REAL], "pictures": [("", embedded(path))]} for path in seen.values()]
    drawn = [{kind: path for kind, path in run.pictures.items() if kind != REAL} for run in runs]
    return [*real, *map(_card, labels, runs, drawn, own_words(runs))]


def own_words(runs: Sequence[Finished]) -> list[str]:
    """What was typed of each run that was not typed of all; nothing where that is unknown."""
    typed = [run.command.split() for run in runs]
    common = set(typed[0]).intersection(*typed)
    return [" ".join(word for word in words if word not in common) for words in typed]


def _card(label: str, run: Finished, pictures: Mapping[str, Path], own: str = "") -> dict[str, Any]:
    kinds = sorted(pictures, key=lambda kind: (FIRST.index(kind) if kind in FIRST else len(FIRST), kind))
    made = f", gen_models {run.version}" if run.version else ""
    return {
        "label": label,
        "places": f"{run.turn:,} turns, seed {run.config.get('seed')}, {visible(str(run.path))}{made}",
        "command": run.command,
        "own": own,
        "alarms": run.alarms,
        "pictures": [(LABELS.get(kind, kind), embedded(pictures[kind])) for kind in kinds],
        "strip": run.strip,
    }


def _curves(labels: Sequence[str], runs: Sequence[Finished]) -> dict[str, Any] | None:
    """Figures first, then what the players minimised and noted."""
    named = plotted(runs)
    if not named:
        return None
    figures = {record.key for run in runs for record in run.records}
    return {
        "legend": list(zip(pens(len(runs)), labels, strict=True)) if len(runs) > 1 else [],
        "judged": [(number, name) for number, name in enumerate(named) if name in figures],
        "others": [(number, name) for number, name in enumerate(named) if name not in figures],
        "data": data(numbers(named, labels, runs)),
    }


def _options(labels: Sequence[str], runs: Sequence[Finished]) -> dict[str, Any]:
    rows = [(key, [None if value is None else str(value) for value in row]) for key, row in differences(runs).items()]
    title = "Options" if len(runs) == 1 else "Options that differ"
    return {"title": title, "header": ["option", *labels], "rows": rows}
