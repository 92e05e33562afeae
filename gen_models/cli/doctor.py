"""This machine."""

import typer

app = typer.Typer()


@app.command()
def doctor() -> None:
    """Show versions, devices, plug-ins, and which optional parts are missing."""
    from gen_models.run.doctor import examine

    for line in examine():
        typer.echo(line)
