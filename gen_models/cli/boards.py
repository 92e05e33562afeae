"""Many runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gen_models.cli.options import Device, Plugins, Seed, Trained, named
from gen_models.cli.outputs import Overwrite, console, place, say, written
from gen_models.errors import UsageError
from gen_models.files import write_text

if TYPE_CHECKING:
    from gen_models.reports.board import Board
    from gen_models.reports.finished import Finished

Runs = Annotated[list[Path], typer.Argument(help="Run directories, folders that hold them, or last, of one data set.")]

app = typer.Typer()
BOARDS = (".html", ".md", ".csv")


@app.command()
def compare(
    runs: Runs,
    out: Annotated[
        list[Path] | None,
        typer.Option(callback=written(*BOARDS), help="File to write, .html, .md or .csv; give it again for several."),
    ] = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(help="Show this figure only, such as kid; give it again for several. The first one ranks."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Set the stored figures of runs side by side: a row for each recipe, over its seeds."""
    from gen_models.reports.finished import comparable
    from gen_models.reports.grouping import board
    from gen_models.reports.tables import terminal
    from gen_models.run.reading import every

    runs = every(named(runs))
    places = [place(path, path, overwrite) for path in out or ()]
    read = comparable(runs)
    table = board(read, figure or ())
    screen = console(160)
    for part in terminal(table, screen.width):
        screen.print(part)
    for path in places:
        _write(read, table, path, figure or ())
        say(path)


@app.command()
def tournament(
    runs: Runs,
    out: Annotated[
        Path | None, typer.Option(callback=written(".md", ".json"), help="File to write besides: .md or .json.")
    ] = None,
    overwrite: Overwrite = False,
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
    plugins: Plugins = None,
) -> None:
    """Let the models' critics judge each other's samples: the generative adversarial metric, and a rating."""
    from gen_models.reports.finished import comparable
    from gen_models.run.reading import every

    runs = every(named(runs))
    if out is not None:
        place(out, out, overwrite)
    read = comparable(runs)
    if len(read) < 2:
        raise UsageError("a tournament takes two runs or more: name another.")

    import json

    from gen_models.analysis.standings import plain, tables
    from gen_models.analysis.tournament import check_classes, enter, play
    from gen_models.reports.naming import names

    opened = [Trained(run.path, device=device, plugins=plugins) for run in read]
    source = [run.data() for run in opened][0]  # of each, since one may have learned other classes
    models = [run.model() for run in opened]
    entries = list(zip(names(read), models, strict=True))
    check_classes(entries, source, critics)
    standings = play(
        [enter(name, model, source, n, critics, cut, seed) for name, model in entries], source, tolerance, seed
    )
    text = tables(standings)
    say(text)
    if out is not None:
        write_text(out, json.dumps(plain(standings), indent=1) if out.suffix == ".json" else text)
        say(out)


def _write(runs: "list[Finished]", table: "Board", path: Path, figures: Sequence[str]) -> None:
    from gen_models.reports.page import write_page
    from gen_models.reports.tables import comma_separated, markdown

    if path.suffix == ".html":
        write_page(runs, path, figures)
        return
    write_text(path, markdown(table) if path.suffix == ".md" else comma_separated(table))
