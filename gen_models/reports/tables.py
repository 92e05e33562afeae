"""A board as text: for the terminal, as Markdown, as CSV."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.table import Table

from gen_models.metrics.record import COSTS, OWN_ERROR, Record
from gen_models.metrics.stand_ins import REAL, failure
from gen_models.reports.agreement import agreements
from gen_models.reports.board import NOTHING, Board, Column, Row, short

MARKS = "¹²³⁴⁵⁶⁷⁸⁹"
ABOUT = ("recipe", "seeds", "images", "minutes")
"""What a row says before its figures."""
LONE = ("recipe", "figure of its own", "value")
"""The table of figures that only one recipe has."""


def headers(board: Board) -> dict[Column, str]:
    """Labels of the columns; those that share one are marked."""
    labels = [column.label for column in board.columns]
    twins = [labels[:position].count(label) for position, label in enumerate(labels)]
    return {
        column: column.label + (MARKS[min(twin, 8)] if labels.count(column.label) > 1 else "")
        for column, twin in zip(board.columns, twins, strict=True)
    }


def notes(board: Board) -> list[str]:
    """How columns of one label differ, where costs were taken, and what the signs mean."""
    told = [(header, _told(board, column)) for column, header in headers(board).items()]
    return [
        *(f"{header}: {', '.join(f'{name}={value}' for name, value in own.items())}" for header, own in told if own),
        *_doubts(board),
        f"± is half the 95 % interval over seeds; (…) {OWN_ERROR}; – a figure without a value.",
    ]


def _doubts(board: Board) -> Iterator[str]:
    """Figures that take spoilt items for real ones, and how far two spaces of features agree."""
    named = headers(board)
    for column in board.shared:
        if blind := board.blind(column):
            yield failure(named[column], blind)
    for figure, of_figure in groupby(agreements(board), key=lambda found: found.first.figure):
        pairs = [
            f"{_space(named, found.first)} and {_space(named, found.second)} {found.rho:.2f} ({found.rows} recipes)"
            for found in of_figure
        ]
        yield f"{figure}, rank correlation of two spaces (Spearman's; 1: in one order): {'; '.join(pairs)}."


def _space(named: Mapping[Column, str], column: Column) -> str:
    """Its space of features, with the mark of its label."""
    return column.extractor + named[column].removeprefix(column.label)


def stand_ins(board: Board) -> list[list[str]]:
    """Rows of what figures make of real items, spoilt in known ways, in place of a model's samples."""
    return [
        [f"{name} (no model)", *[""] * (len(ABOUT) - 1), *(_standing(records.get(c)) for c in board.shared)]
        for name, records in board.stand_ins.items()
        if name != REAL and any(column in records for column in board.shared)
    ]


def _standing(record: Record | None) -> str:
    if record is None:
        return ""
    return NOTHING if record.value is None else short(record.value)


def _told(board: Board, column: Column) -> dict[str, Any]:
    """The conditions in which a column differs from others of its label; of what samples cost, all."""
    own = json.loads(column.conditions)
    twins = [json.loads(other.conditions) for other in board.columns if other.label == column.label]
    apart = [name for name in own if any(twin.get(name) != own[name] for twin in twins)]
    return {name: own[name] for name in (own if column.label in COSTS else apart)}


def about(row: Row) -> list[str]:
    """What a row says before its figures: the recipe, its seeds, and how many images and minutes one of them took.

    A run that ended before its losses were logged does not know its minutes.
    """
    return [row.name, str(len(row.runs)), short(row.images), short(row.minutes) if row.minutes else NOTHING]


def columns(board: Board) -> list[list[str]]:
    """Columns of text, those of `ABOUT` and the shared figures: what real data scores, the recipes, the stand-ins."""
    beside = [list(column) for column in zip(*map(about, board.rows), strict=True)]
    known = any(column.real is not None for column in board.shared)
    firsts = ["real data", *[""] * (len(ABOUT) - 1)]
    texts = [[name, *[first] * known, *column] for name, first, column in zip(ABOUT, firsts, beside, strict=True)]
    named = headers(board)
    for column in board.shared:
        real = "" if column.real is None else short(column.real)
        texts.append([named[column], *[real] * known, *(str(row.cells.get(column, "")) for row in board.rows)])
    rows = stand_ins(board)
    below = zip(*rows, strict=True) if rows else [()] * len(texts)
    return [[*text, *rest] for text, rest in zip(texts, below, strict=True)]


def lone(board: Board) -> list[list[str]]:
    """Figures that only one recipe has: the recipe, the figure, and its value."""
    named = headers(board)
    return [[row.name, named[column], str(row.cells[column])] for row, column in board.lone]


def terminal(board: Board, width: int) -> list[Table]:
    """Tables for a terminal of `width` signs: as many columns side by side as there is room for."""
    recipe, *others = columns(board)
    parts = [[recipe, *part] for part in _parts(others, width - _width(recipe))]
    if left := lone(board):
        parts.append([list(column) for column in zip(LONE, *left, strict=True)])
    tables = [_table(part) for part in parts]
    tables[-1].caption, tables[-1].caption_justify = "\n".join(notes(board)), "left"
    return tables


def _table(texts: Sequence[Sequence[str]]) -> Table:
    table = Table(*(text[0] for text in texts))
    for row in zip(*(text[1:] for text in texts), strict=True):
        table.add_row(*row)
    return table


def _parts(texts: Sequence[list[str]], room: int) -> Iterator[list[list[str]]]:
    """Cut columns into tables, none wider than `room` unless a column is."""
    part: list[list[str]] = []
    for text in texts:
        if part and sum(map(_width, [*part, text])) > room:
            yield part
            part = []
        part.append(text)
    yield part


def _width(text: Sequence[str]) -> int:
    """Signs that a column needs, its frame included: its header may be broken between words, its cells not."""
    return 3 + max(map(len, [*text[0].split(), *text[1:]]))


def markdown(board: Board) -> str:
    """Tables and their notes."""
    header, *rows = zip(*columns(board), strict=True)
    parts = [markdown_table(header, rows)]
    if left := lone(board):
        parts.append(markdown_table(LONE, left))
    return "\n".join([*parts, "".join(f"- {note}\n" for note in notes(board))])


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lines of a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def comma_separated(board: Board) -> str:
    """A line for each figure of each recipe, in full precision and with its protocol."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*ABOUT, "figure", "mean", "spread", "real", "untrained", "protocol"])
    for row in board.rows:
        for column, cell in row.cells.items():
            figures = [cell.mean, cell.spread, column.real, cell.untrained]
            writer.writerow(
                [
                    _inert(row.name),
                    cell.seeds,
                    row.images,
                    row.minutes,
                    _inert(column.label),
                    *figures,
                    column.conditions,
                ]
            )
    return text.getvalue()
