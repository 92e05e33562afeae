"""Commands about several runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_models.errors import UsageError

if TYPE_CHECKING:
    from gen_models.analysis.board import Board
    from gen_models.analysis.finished import Finished

Runs = Annotated[list[Path], typer.Argument(help="Run directories, of one data set.")]


def compare(
    runs: Runs,
    out: Annotated[
        list[Path] | None, typer.Option(help="File to write, .html, .md or .csv; give it again for several.")
    ] = None,
) -> None:
    """Set the stored figures of runs side by side: a row for each recipe, over its seeds."""
    from rich.console import Console

    from gen_models.analysis.board import board
    from gen_models.analysis.finished import comparable
    from gen_models.analysis.tables import terminal

    for path in out or ():
        if path.suffix not in (".html", ".md", ".csv"):
            raise UsageError(f"a board is written as .html, .md or .csv, not as {path.name}.")
    read = comparable(runs)
    table = board(read)
    Console().print(terminal(table))
    for path in out or ():
        _write(read, table, path)
        typer.echo(path)


def _write(runs: "list[Finished]", table: "Board", path: Path) -> None:
    from gen_models.analysis.page import write_page
    from gen_models.analysis.tables import comma_separated, markdown

    if path.suffix == ".html":
        write_page(runs, path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(table) if path.suffix == ".md" else comma_separated(table), encoding="utf-8")
