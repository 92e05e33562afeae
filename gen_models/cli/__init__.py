"""`gen-models`: train, ask a trained model, read runs.

A command is a file here: whatever module has an `app` brings its commands, under its docstring as their heading.
"""

from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from typing import Annotated

import typer

from gen_models.cli.shells import PROGRAM, Install, Show, ready
from gen_models.run.boundary import boundary


def main() -> None:
    """Run the command line; errors are sentences."""
    with boundary():
        ready()
        assembled()(prog_name=PROGRAM)


def assembled() -> typer.Typer:
    """Gather the commands of every module here."""
    whole = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, callback=_front)
    for found in sorted(iter_modules(__path__), key=lambda found: found.name != "train"):  # what comes first in life
        module = import_module(f"{__name__}.{found.name}")
        if isinstance(app := vars(module).get("app"), typer.Typer):
            heading = (module.__doc__ or "").partition("\n")[0].rstrip(".")
            for command in app.registered_commands:
                command.rich_help_panel = heading
            for group in app.registered_groups:
                group.rich_help_panel = heading
            whole.add_typer(app)
    return whole


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"gen_models {version('gen_models')}")
        raise typer.Exit


def _front(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Say which version this is.")
    ] = False,
    show_completion: Show = None,
    install_completion: Install = None,
) -> None:
    """Train generative models, and ask what was trained."""
