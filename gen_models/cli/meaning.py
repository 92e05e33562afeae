"""Codes and latents."""

from typing import Annotated

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import Trained
from gen_models.cli.outputs import Picture, say

app = typer.Typer()


@app.command()
@bundled
def meaning(
    run: Trained,
    to: Picture,
    n: Annotated[int, typer.Option(min=2, help="Training items, at most.")] = 2000,
    k: Annotated[int, typer.Option(min=1, help="Neighbours of each.")] = 5,
    rows: Annotated[int, typer.Option(min=1, help="Items in the picture.")] = 8,
) -> None:
    """Say how often neighbours among training items' codes share an attribute; among their pixels, to compare."""
    out = to.place(run.path, "meaning.png")

    from gen_models.analysis.meaning import beside, shared
    from gen_models.media.pictures import grid, save_picture

    model, data = run.model(), run.data()
    with model.evaluating("meaning"):
        records, pictures, found = shared(model, data, n, k)
    save_picture(grid(beside(pictures, found, min(rows, len(found))), k + 1), out)
    for record in records:
        say(record)
    say(out)
    say(run.store(model, records, "meaning"))
