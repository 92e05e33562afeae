"""Many runs."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.outputs import console, say

UNBROKEN = 10_000
"""Columns where no terminal is: a line for each run, which a script can read."""

app = typer.Typer()


@app.command()
def status(
    folder: Annotated[
        Path, typer.Argument(envvar="GEN_MODELS_RUNS", help="A directory with runs in it or below it.")
    ] = Path("runs"),
) -> None:
    """List runs: done, stopped, running, interrupted, failed or damaged (and why), how far they are and how fast."""
    from collections import Counter

    from rich.table import Column, Table

    from gen_models.errors import UsageError, visible
    from gen_models.reports.status import STATES, statuses
    from gen_models.run.reading import alike

    found = list(statuses(folder))
    if not found:
        close = None if folder.exists() else alike(folder)
        hint = f"did you mean {close}?" if close else "name a directory, such as runs/sweep."
        raise UsageError(f"there is no run in {folder}: {hint}")
    columns = (Column("run", overflow="fold"), "state", "turn", "", "turns/s", "", "version")
    table = Table(*columns, box=None, pad_edge=False)
    for run in found:
        speed = f"{run.speed:.3g}" if run.speed is not None else ""
        name = str(run.run.relative_to(folder)) if run.run != folder else run.run.name
        table.add_row(visible(name), run.state, str(run.turn), f"{run.share:.0%}", speed, run.remark, run.version)
    console(UNBROKEN, markup=False).print(table)
    counts = Counter(run.state for run in found)
    states = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    say(f"{len(found)} {'run' if len(found) == 1 else 'runs'}: {states}")
