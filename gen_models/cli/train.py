"""Training."""

from typing import Annotated

import typer

from gen_models.errors import UsageError

app = typer.Typer()
AS_TYPED = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}
"""Leave options to Hydra, among them -m, --cfg and --help."""


def completed(ctx: typer.Context, incomplete: str) -> list[str]:
    """Give what an unfinished option of the training may become."""
    from gen_models.run.completion import completions

    return completions(ctx.params.get("options") or [], incomplete)


@app.command(context_settings=AS_TYPED, add_help_option=False, options_metavar="")
def train(
    options: Annotated[
        list[str] | None, typer.Argument(metavar="[OPTION=VALUE]…", help="As in model=gan.", autocompletion=completed)
    ] = None,
) -> None:
    """Train a model on a data set, or a sweep of them with -m; the same as train.py (train --help lists options)."""
    from gen_models.launch import main

    if {"-sc", "--shell-completion"} & {*(options or ())}:
        raise UsageError("Hydra's completion is for scripts: gen-models --install-completion bash completes train too.")
    main(options or [])
