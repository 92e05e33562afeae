"""A page."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer

from gen_models.cli.options import Device, Plugins, named
from gen_models.cli.outputs import say
from gen_models.errors import UsageError

app = typer.Typer()


@app.command()
def explore(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(help="Run directories, folders of them, or last; all of runs/ by default."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the server; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    averaged: Annotated[bool, typer.Option(help="Use averaged weights where a run has them.")] = True,
    checkpoint: Annotated[Literal["newest", "best"], typer.Option(help="Of each run.")] = "newest",
    device: Device = "cpu",
    plugins: Plugins = None,
) -> None:
    """Play with models on a page of this machine: sliders, steps, codes, two runs side by side, a training.

    Nothing leaves the machine, and nothing is written. Ctrl-C ends it.
    """
    if not (find_spec("fastapi") and find_spec("uvicorn")):
        raise UsageError("explore needs two more packages: pip install fastapi uvicorn")

    from gen_models.run.reading import every, runs_folder, saved

    opened = every(named(runs)) if runs else saved(runs_folder())

    from gen_models.explore.serving import serve
    from gen_models.explore.session import Opening, Session

    session = Session(opened, Opening(averaged, checkpoint, device, tuple(plugins or ())))
    serve(session, port, say, browser=browser)
