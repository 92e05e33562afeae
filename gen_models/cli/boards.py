"""Commands about several runs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gen_models.cli.options import Device, Seed, loaded
from gen_models.errors import UsageError

if TYPE_CHECKING:
    from gen_models.reports.board import Board
    from gen_models.reports.finished import Finished

Runs = Annotated[list[Path], typer.Argument(help="Run directories, of one data set.")]


def compare(
    runs: Runs,
    out: Annotated[
        list[Path] | None, typer.Option(help="File to write, .html, .md or .csv; give it again for several.")
    ] = None,
) -> None:
    """Set the stored figures of runs side by side: a row for each recipe, over its seeds."""
    from rich.console import Console

    from gen_models.reports.board import board
    from gen_models.reports.finished import comparable
    from gen_models.reports.tables import terminal

    for path in out or ():
        if path.suffix not in (".html", ".md", ".csv"):
            raise UsageError(f"a board is written as .html, .md or .csv, not as {path.name}.")
    read = comparable(runs)
    table = board(read)
    console = Console(width=None if sys.stdout.isatty() else 160)
    for part in terminal(table, console.width):
        console.print(part)
    for path in out or ():
        _write(read, table, path)
        typer.echo(path)


def tournament(
    runs: Runs,
    out: Annotated[Path | None, typer.Option(help="File to write besides: .md or .json.")] = None,
    n: Annotated[int, typer.Option(min=10, help="Samples of each, and held-out items, at most.")] = 1000,
    critics: Annotated[
        Literal["own", "trained"], typer.Option(help="Each model's own, or one trained afterwards for everybody.")
    ] = "own",
    cut: Annotated[
        Literal["best", "zero"], typer.Option(help="Where a critic's verdict turns: at its best, or at logit 0.")
    ] = "best",
    tolerance: Annotated[float, typer.Option(min=0, help="How unequal critics may be for a verdict.")] = 0.2,
    seed: Seed = 0,
    device: Device = "cpu",
) -> None:
    """Let the models' critics judge each other's samples: the generative adversarial metric, and a rating."""
    import json

    from gen_models.analysis.standings import plain, tables
    from gen_models.analysis.tournament import enter, play
    from gen_models.reports.board import names
    from gen_models.reports.finished import comparable
    from gen_models.run.build import build_data
    from gen_models.run.directory import read_config

    if len(runs) < 2:
        raise UsageError("a tournament takes two runs or more: name another.")
    read = comparable(runs)
    source = build_data(read_config(runs[0]))
    models = [loaded(run, True, "newest", device) for run in runs]
    named = zip(names(read), models, strict=True)
    standings = play(
        [enter(name, model, source, n, critics, cut, seed) for name, model in named], source, tolerance, seed
    )
    text = tables(standings)
    typer.echo(text)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(plain(standings), indent=1) if out.suffix == ".json" else text, encoding="utf-8")
        typer.echo(out)


def _write(runs: "list[Finished]", table: "Board", path: Path) -> None:
    from gen_models.reports.page import write_page
    from gen_models.reports.tables import comma_separated, markdown

    if path.suffix == ".html":
        write_page(runs, path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(table) if path.suffix == ".md" else comma_separated(table), encoding="utf-8")
