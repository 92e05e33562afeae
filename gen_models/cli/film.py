"""Pictures."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import BY_NAME, Seed, Trained, Truncation
from gen_models.cli.outputs import FOLDER, Overwrite, check_size, companion, place, say, written
from gen_models.files import inside

app = typer.Typer()


@app.command()
@bundled
def film(
    run: Trained,
    out: Annotated[
        Path | None,
        typer.Option(callback=written(".gif"), help="Film to write, .gif; its contact sheet, -sheet.png, beside it."),
    ] = None,
    overwrite: Overwrite = False,
    n: Annotated[int, typer.Option(min=1, help="Samples.")] = 16,
    steps: Annotated[int, typer.Option(min=1, help="Most steps that are shown.")] = 32,
    class_: Annotated[str | None, typer.Option("--class", help=f"Class to draw, {BY_NAME}; any by default.")] = None,
    seed: Seed = 0,
    truncation: Truncation = None,
) -> None:
    """Film how samples come about, for models that draw step by step."""
    film = place(out, inside(run.path, FOLDER, "film.gif"), overwrite, "-sheet.png")
    check_size(n, run.config().spec.shape)

    from gen_models.analysis.filming import states
    from gen_models.media.films import write_film

    model = run.model(truncation)
    trajectory = states(model, n, run.classes(model, n, class_), seed)
    sheet = companion(film, "-sheet.png")
    write_film(trajectory, steps, film, sheet)
    say(film, sheet)
