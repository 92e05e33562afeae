"""Many runs."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import named
from gen_models.cli.outputs import Picture, say
from gen_models.files import replacing

app = typer.Typer()


@app.command()
@bundled
def plot(
    runs: Annotated[list[Path], typer.Argument(help="Run directories, folders of them, such as a sweep's, or last.")],
    to: Picture,
    y: Annotated[
        list[str],
        typer.Option(help="Column of metrics.csv, with --x also a figure; again for several."),
    ],
    x: Annotated[str | None, typer.Option(help="Option that the runs differ in; their turns by default.")] = None,
    title: Annotated[str, typer.Option(help="Of the picture.")] = "",
) -> None:
    """Plot logged figures over the turns of runs, or their last values over an option, and say them.

    Without --out the plot goes into `pictures` of the one folder that was named, or of this folder.
    """
    from gen_models.reports.plots import found, over_runs, over_turns, plotted

    folders = named(runs)
    runs = found(folders)
    out = to.place(folders[0] if len(folders) == 1 else Path(), "plot.png")
    lines = over_turns(runs, y) if x is None else over_runs(runs, y, x)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure = plotted(lines, x or "turn", title, y[0] if len(y) == 1 else "")
    with replacing(out) as place:
        figure.savefig(place, format=out.suffix[1:])
    for line in lines:
        say(line if x else line._replace(points=line.points[-1:]))
    say(out)
