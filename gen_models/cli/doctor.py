"""This machine."""

import typer

from gen_models.cli.outputs import say

app = typer.Typer()


@app.command()
def doctor() -> None:
    """Show versions, devices, plug-ins, and which optional parts are missing."""
    from gen_models.run.doctor import examine

    for line in examine():
        say(line)
