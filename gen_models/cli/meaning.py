"""The command that asks whether latents mean something."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.options import Averaged, Device, Picture, Run, Which, opened, stored


def meaning(
    run: Run,
    out: Picture = Path("meaning.png"),
    n: Annotated[int, typer.Option(min=2, help="Training items, at most.")] = 2000,
    k: Annotated[int, typer.Option(min=1, help="Neighbours of each.")] = 5,
    rows: Annotated[int, typer.Option(min=1, help="Items in the picture.")] = 8,
    averaged: Averaged = True,
    checkpoint: Which = "newest",
    device: Device = "cpu",
) -> None:
    """Say how often neighbours among training items' codes share an attribute; among their pixels, to compare."""
    from gen_models.analysis.meaning import beside, shared
    from gen_models.media.pictures import grid, save_picture

    model, data = opened(run, averaged, checkpoint, device)
    with model.evaluating("meaning"):
        records, pictures, found = shared(model, data, n, k)
    save_picture(grid(beside(pictures, found, min(rows, len(found))), k + 1), out)
    for record in records:
        typer.echo(record)
    typer.echo(out)
    typer.echo(stored(run, model, records, "meaning"))
