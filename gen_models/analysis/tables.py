"""A board as text: for the terminal, as Markdown, as CSV."""

import csv
import io
import json
from collections.abc import Sequence

from rich.table import Table

from gen_models.analysis.board import Board, short

MARKS = "¹²³⁴⁵⁶⁷⁸⁹"


def headers(board: Board) -> list[str]:
    """Labels of the columns; those that share one are marked."""
    labels = [column.label for column in board.columns]
    twins = [labels[:position].count(label) for position, label in enumerate(labels)]
    return [
        label + (MARKS[min(twin, 8)] if labels.count(label) > 1 else "")
        for label, twin in zip(labels, twins, strict=True)
    ]


def notes(board: Board) -> list[str]:
    """How columns of one label differ, and what the signs mean."""
    lines = []
    for header, column in zip(headers(board), board.columns, strict=True):
        if header != column.label:
            twins = [json.loads(other.conditions) for other in board.columns if other.label == column.label]
            own = json.loads(column.conditions)
            apart = [name for name in own if any(twin.get(name) != own[name] for twin in twins)]
            lines.append(f"{header}: {', '.join(f'{name}={own[name]}' for name in apart)}")
    return [*lines, "± is half the 95 % interval over seeds; (…) a single run's own error."]


def cells(board: Board) -> list[list[str]]:
    """Rows of text: the recipe, its seeds, and its figures; the first row is what real data scores, where known."""
    rows = [
        [row.name, str(len(row.runs)), *(str(row.cells.get(column, "")) for column in board.columns)]
        for row in board.rows
    ]
    if any(column.floor is not None for column in board.columns):
        floors = ["" if column.floor is None else short(column.floor) for column in board.columns]
        rows.insert(0, ["real data", "", *floors])
    return rows


def terminal(board: Board) -> Table:
    """A table for a terminal."""
    table = Table("recipe", "seeds", *headers(board), caption="\n".join(notes(board)), caption_justify="left")
    for row in cells(board):
        table.add_row(*row)
    return table


def markdown(board: Board) -> str:
    """A table and its notes."""
    return markdown_table(["recipe", "seeds", *headers(board)], cells(board)) + "\n" + "\n".join(
        f"- {note}" for note in notes(board)
    ) + "\n"  # fmt: skip


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lines of a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def comma_separated(board: Board) -> str:
    """A line for each figure of each recipe, in full precision and with its protocol."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["recipe", "seeds", "figure", "mean", "spread", "floor", "untrained", "protocol"])
    for row in board.rows:
        for column, cell in row.cells.items():
            figures = [cell.mean, cell.spread, column.floor, cell.untrained]
            writer.writerow([row.name, cell.seeds, column.label, *figures, column.conditions])
    return text.getvalue()
