"""Codes and latents."""

from typing import Annotated

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import Seed, Trained, Truncation
from gen_models.cli.outputs import Picture

app = typer.Typer()


@app.command()
@bundled
def styles(
    run: Trained,
    to: Picture,
    rows: Annotated[int, typer.Option(min=1, help="Samples that give the coarse, in the first column.")] = 4,
    columns: Annotated[int, typer.Option(min=1, help="Samples that give the fine, in the first row.")] = 6,
    layer: Annotated[int | None, typer.Option(help="The first layer of the fine style; by default the middle.")] = None,
    seed: Seed = 0,
    truncation: Truncation = None,
) -> None:
    """Mix styles: the coarse of some samples with the fine of others, for models with styles."""
    from gen_models.analysis.styles import style_table
    from gen_models.media.pictures import grid, save_picture

    out = to.place(run.path, "styles.png")
    model = run.model(truncation)
    with model.evaluating("styles", seed):
        pictures = style_table(model, rows, columns, layer)
    save_picture(grid(pictures, columns + 1), out)
    typer.echo(out)
