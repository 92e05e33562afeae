"""A report as one HTML file that needs nothing else: pictures, curves and styles are inside."""

import math
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from gen_models.reports.board import Board, Cell, Column, board, differences, names, short
from gen_models.reports.curves import Pen, pens, plot
from gen_models.reports.finished import Finished
from gen_models.reports.tables import ABOUT, LONE, about, headers, lone, notes

AXES = ("images", "seconds")
UNPLOTTED = ("lr/", "step", "epoch", "turn", "images")
NAMED = 6
"""Models that a title names, at most."""
HEAD = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'


def write_page(runs: Sequence[Finished], path: Path) -> Path:
    """Write the report of one run, or of several side by side."""
    table = board(runs)
    ordered = list({run.path: run for row in table.rows for run in row.runs}.values())
    models = list(dict.fromkeys(run.model for run in ordered))
    title = escape(f"{', '.join(models) if len(models) <= NAMED else f'{len(models)} models'} on {ordered[0].data}")
    cards = "".join(map(_card, ordered))
    body = [f"<h1>{title}</h1>", _figures(table), f'<h2>Pictures</h2><div class="cards">{cards}</div>']
    body += [_curves(names(ordered), ordered), _options(names(ordered), ordered)]
    style = files("gen_models.reports").joinpath("page.css").read_text()
    page = f"<html lang=en><head>{HEAD}<title>{title}</title><style>{style}</style></head><body>{''.join(body)}</body>"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<!doctype html>{page}</html>\n", encoding="utf-8")
    return path


def _figures(table: Board) -> str:
    if not table.columns:
        return "<p>No figures yet: <code>gen-models evaluate RUN</code> takes them.</p>"
    scores = ["" if column.real is None else short(column.real) for column in table.shared]
    real = [["real data", *[""] * (len(ABOUT) - 1), *scores]] if any(scores) else []
    best = _best(table)
    rows = [
        [*map(escape, about(row)), *(_cell(row.cells.get(c), best.get(c)) for c in table.shared)] for row in table.rows
    ]
    labels = {column: escape(label) for column, label in headers(table).items()}
    protocols = [f"{label}: <code>{escape(column.conditions)}</code>" for column, label in labels.items()]
    return (
        f"<h2>Figures</h2>{_table([*ABOUT, *(labels[c] for c in table.shared)], [*real, *rows])}{_lone(table)}"
        f"{_list(map(escape, notes(table)))}<details><summary>Protocols</summary>{_list(protocols)}</details>"
    )


def _lone(table: Board) -> str:
    rows = [list(map(escape, row)) for row in lone(table)]
    title = "Figures that only one recipe has"
    return f"<details><summary>{title}</summary>{_table(LONE, rows)}</details>" if rows else ""


def _best(table: Board) -> dict[Column, float]:
    found = {column: [row.cells[column].mean for row in table.rows if column in row.cells] for column in table.shared}
    known = {column: [mean for mean in means if not math.isnan(mean)] for column, means in found.items()}
    return {column: (max if column.up else min)(means) for column, means in known.items() if len(means) > 1}


def _cell(cell: Cell | None, best: float | None) -> str:
    if cell is None:
        return ""
    text = f"<b>{cell}</b>" if cell.mean == best else str(cell)
    return text if cell.untrained is None else f"{text}<small>untrained {short(cell.untrained)}</small>"


def _card(run: Finished) -> str:
    kinds = sorted(run.pictures, key=lambda kind: (kind != "samples", kind))
    pictures = "".join(_figure(f"{kind} of {run.model}", run.pictures[kind]) for kind in kinds)
    places = f"{run.turn:,} turns, seed {run.config.get('seed')}, {escape(str(run.path))}"
    typed = f"<code>{escape(run.command)}</code>"
    return f'<div class="card"><b>{escape(run.model)}</b><small>{places}</small>{typed}{pictures}</div>'


def _figure(name: str, path: Path) -> str:
    return f'<figure><img src="{_embedded(path)}" alt="{escape(name)}"><small>{escape(name)}</small></figure>'


def _embedded(path: Path) -> str:
    return f"data:image/{path.suffix[1:]};base64,{b64encode(path.read_bytes()).decode()}"


def _curves(labels: Sequence[str], runs: Sequence[Finished]) -> str:
    """Figures first, then what the players minimised and noted; each over images and over seconds."""
    ink = pens(len(runs))
    noted = dict.fromkeys(name for run in runs for row in run.history for name in row if not name.startswith(UNPLOTTED))
    figures = {record.key for run in runs for record in run.records}
    legend = _list((f"{_sample(pen)}{escape(name)}" for pen, name in zip(ink, labels, strict=True)), "legend")
    judged, others = [name for name in noted if name in figures], [name for name in noted if name not in figures]
    if not noted:
        return ""
    return (
        f"<h2>Curves</h2>{legend}{_plots(judged, ink, runs)}"
        f"<details{'' if judged else ' open'}><summary>Losses and notes of the players</summary>"
        f"{_plots(others, ink, runs)}</details>"
    )


def _plots(noted: Sequence[str], ink: Sequence[Pen], runs: Sequence[Finished]) -> str:
    drawn = [
        plot(name, axis, [(pen, run.series(name, timed=axis == "seconds")) for pen, run in zip(ink, runs, strict=True)])
        for name in noted
        for axis in AXES
    ]
    return f'<div class="cards">{"".join(f"<div>{svg}</div>" for svg in drawn if svg)}</div>'


def _sample(pen: Pen) -> str:
    line = f'<polyline points="0,5 30,5" stroke="{pen.colour}" stroke-dasharray="{pen.dash}"/>'
    return f'<svg viewBox="0 0 30 10">{line}</svg>'


def _options(labels: Sequence[str], runs: Sequence[Finished]) -> str:
    title = "Options" if len(runs) == 1 else "Options that differ"
    rows = [
        [
            f"<code>{escape(key)}</code>",
            *("–" if value is None else f"<code>{escape(str(value))}</code>" for value in row),
        ]
        for key, row in differences(runs).items()
    ]
    return f"<details><summary>{title}</summary>{_table(['option', *map(escape, labels)], rows)}</details>"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of ready HTML, which scrolls by itself where the screen is narrow."""
    head = "".join(f"<th>{cell}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _list(items: Iterable[str], kind: str = "soft") -> str:
    return f'<ul class="{kind}">{"".join(f"<li>{item}</li>" for item in items)}</ul>'
