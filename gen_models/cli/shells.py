"""Completion of commands and options in shells, of which one is named: nothing guesses which one this is."""

from typing import Annotated, Literal

import typer
from typer.completion import completion_init, get_completion_script, install

from gen_models.errors import UsageError

Shell = Literal["bash", "zsh", "fish", "powershell", "pwsh"]
PROGRAM = "gen-models"
VARIABLE = "_GEN_MODELS_COMPLETE"
"""By which a shell asks this program what may follow."""


def _shown(shell: Shell | None) -> None:
    if shell is not None:
        typer.echo(get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell))
        raise typer.Exit


def _installed(shell: Shell | None) -> None:
    if shell is None:
        return
    try:
        _, path = install(shell=shell, prog_name=PROGRAM, complete_var=VARIABLE)
    except FileNotFoundError as error:
        raise UsageError(
            f"{shell} is not on this machine: put what {PROGRAM} --show-completion {shell} prints where it is."
        ) from error
    typer.echo(f"{path} completes {PROGRAM} in the next {shell} that starts.")
    raise typer.Exit


Show = Annotated[
    Shell | None,
    typer.Option("--show-completion", is_eager=True, callback=_shown, help="Print the completion for a shell."),
]
Install = Annotated[
    Shell | None,
    typer.Option("--install-completion", is_eager=True, callback=_installed, help="Let a shell complete commands."),
]


def ready() -> None:
    """Let the program answer shells that ask it."""
    completion_init()
