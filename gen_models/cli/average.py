"""Samples and figures."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.options import RUN, spoken
from gen_models.cli.outputs import check_place, say

app = typer.Typer()


@app.command()
def average(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help=RUN)],
    std: Annotated[float, typer.Option(help="Width of the average, as a share of the run: 0.01 to 0.25.")],
    out: Annotated[Path | None, typer.Option(help="Run directory to write; RUN-std-0.1 by default.")] = None,
) -> None:
    """Average the weights of a run anew, over another length than it did (post-hoc EMA): needs callbacks=averages."""
    path = spoken(folder)
    if out is not None:
        check_place(out)

    from gen_models.run.posthoc import average as write_average

    say(write_average(path, std, out or path.with_name(f"{path.name}-std-{std:g}")))
