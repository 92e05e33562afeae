"""Rank correlation of a board's columns: whether two spaces of features put recipes in the same order."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from gen_models.reports.board import Board, Column

LEAST = 4
"""Recipes that both columns must have: of three, ranks agree by chance."""


@dataclass(frozen=True)
class Agreement:
    """Spearman's rank correlation of two columns, over the rows that have a value in both."""

    first: Column
    second: Column
    rho: float
    rows: int


def agreements(board: Board) -> Iterator[Agreement]:
    """Rank correlations of all pairs of columns of one figure in different spaces of features; 1 is the same order."""
    from scipy.stats import spearmanr

    for first, second in combinations(board.shared, 2):
        if first.extractor == second.extractor or first.figure != second.figure:
            continue
        cells = [(row.cells.get(first), row.cells.get(second)) for row in board.rows]
        pairs = [(a.mean, b.mean) for a, b in cells if a and b and a.mean is not None and b.mean is not None]
        if len(pairs) >= LEAST:
            rho = float(spearmanr(*zip(*pairs, strict=True)).statistic)
            yield Agreement(first, second, rho, len(pairs))
