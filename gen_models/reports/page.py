"""A report as one HTML file that needs nothing else: pictures, curves and styles are inside, and all words escaped."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from gen_models.files import write_text
from gen_models.reports.board import Board, Cell, board, differences, names, short
from gen_models.reports.curves import pens, plot
from gen_models.reports.finished import Finished
from gen_models.reports.tables import ABOUT, LONE, about, headers, lone, notes

AXES = ("images", "seconds")
UNPLOTTED = ("lr/", "step", "epoch", "turn", "images")
BOLD = "The best of a column is bold where no other's 95 % interval overlaps with its own."
NAMED = 6
"""Models that a title names, at most."""


def write_page(runs: Sequence[Finished], path: Path) -> Path:
    """Write the report of one run, or of several side by side."""
    table = board(runs)
    ordered = list({run.path: run for row in table.rows for run in row.runs}.values())
    labels = names(ordered)
    content = {
        "title": _title(ordered),
        "figures": _figures(table),
        "cards": list(map(_card, ordered)),
        "curves": _curves(labels, ordered),
        "options": _options(labels, ordered),
    }
    write_text(path, rendered("page.html", content))
    return path


def rendered(template: str, content: Mapping[str, Any]) -> str:
    """Fill a template of this folder: what a run's files say is text in it, and never HTML."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = files("gen_models.reports")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    style = Markup(folder.joinpath("page.css").read_text(encoding="utf-8"))
    return page.from_string(folder.joinpath(template).read_text(encoding="utf-8")).render(style=style, **content)


def _title(runs: Sequence[Finished]) -> str:
    models = list(dict.fromkeys(run.model for run in runs))
    return f"{', '.join(models) if len(models) <= NAMED else f'{len(models)} models'} on {runs[0].data}"


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


def _card(run: Finished) -> dict[str, Any]:
    kinds = sorted(run.pictures, key=lambda kind: (kind != "samples", kind))
    made = f", gen_models {run.version}" if run.version else ""
    return {
        "model": run.model,
        "places": f"{run.turn:,} turns, seed {run.config.get('seed')}, {run.path}{made}",
        "command": run.command,
        "alarms": run.alarms,
        "pictures": [(f"{kind} of {run.model}", _embedded(run.pictures[kind])) for kind in kinds],
    }


def _embedded(path: Path) -> str:
    return f"data:image/{path.suffix[1:]};base64,{b64encode(path.read_bytes()).decode()}"


def _curves(labels: Sequence[str], runs: Sequence[Finished]) -> dict[str, Any] | None:
    """Figures first, then what the players minimised and noted; each over images and over seconds."""
    noted = dict.fromkeys(name for run in runs for row in run.history for name in row if not name.startswith(UNPLOTTED))
    figures = {record.key for run in runs for record in run.records}
    if not noted:
        return None
    return {
        "legend": list(zip(pens(len(runs)), labels, strict=True)),
        "judged": _plots([name for name in noted if name in figures], runs),
        "others": _plots([name for name in noted if name not in figures], runs),
    }


def _plots(noted: Sequence[str], runs: Sequence[Finished]) -> list[str]:
    ink = pens(len(runs))
    drawn = [
        plot(name, axis, [(pen, run.series(name, timed=axis == "seconds")) for pen, run in zip(ink, runs, strict=True)])
        for name in noted
        for axis in AXES
    ]
    return [svg for svg in drawn if svg]


def _options(labels: Sequence[str], runs: Sequence[Finished]) -> dict[str, Any]:
    rows = [(key, [None if value is None else str(value) for value in row]) for key, row in differences(runs).items()]
    title = "Options" if len(runs) == 1 else "Options that differ"
    return {"title": title, "header": ["option", *labels], "rows": rows}
