"""Training."""

from typing import Annotated

import typer

app = typer.Typer()
AS_TYPED = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}
"""Leave options to Hydra, among them -m, --cfg and --help."""


@app.command(context_settings=AS_TYPED, add_help_option=False, options_metavar="")
def train(
    options: Annotated[list[str] | None, typer.Argument(metavar="[OPTION=VALUE]…", help="As in model=gan.")] = None,
) -> None:
    """Train a model on a data set, or a sweep of them with -m; the same as train.py (train --help lists options)."""
    from gen_models.job import main

    main(options or [])
