"""Codes and latents."""

from typing import Annotated, Literal

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import Seed, Trained
from gen_models.cli.outputs import Picture, check_size, companion, say

app = typer.Typer()


@app.command()
@bundled
def interpolate(
    run: Trained,
    to: Picture,
    rows: Annotated[int, typer.Option(min=1, help="Pairs of held-out items.")] = 8,
    steps: Annotated[int, typer.Option(min=2, help="Pictures between the two items of a pair.")] = 8,
    spherical: Annotated[bool, typer.Option("--spherical/--linear", help="Arcs about the origin, or lines.")] = False,
) -> None:
    """Walk between the codes of items, held out where the model can encode and decode, or between draws of the prior.

    The items stand at the ends of the rows.
    """
    out = to.place(run.path, "interpolation.png")
    check_size(rows * (steps + 2), run.config().spec.shape)

    from gen_models.analysis.interpolate import drawn_walks, walks
    from gen_models.core.abilities.codes import Decodes, Encodes, HasItemLatents
    from gen_models.media.pictures import grid, save_picture

    model, data = run.model(), run.data()
    with model.evaluating("interpolate"):
        if isinstance(model, Encodes | HasItemLatents) and isinstance(model, Decodes):
            items = data.train if isinstance(model, HasItemLatents) else data.test
            picture = grid(walks(model, items, rows, steps, arcs=spherical), steps + 2)
        else:
            picture = grid(drawn_walks(model, rows, steps, arcs=spherical), steps)
    save_picture(picture, out)
    say(out)


@app.command()
@bundled
def arithmetic(
    run: Trained,
    attribute: Annotated[str, typer.Option(help="An attribute of the data: of avatars beardVariant, …; else class.")],
    plus: Annotated[str, typer.Option(help="Its value to add.")],
    minus: Annotated[str, typer.Option(help="Its value to subtract.")],
    to: Picture,
    rows: Annotated[int, typer.Option(min=1, help="Items to change, at most.")] = 8,
    seed: Seed = 0,
) -> None:
    """Add the mean code of one value of an attribute to others' codes, and subtract that of another value.

    A row is an item and what its code stands for with 0, ½, 1, 1½ and 2 times the difference added. Models that encode
    nothing change training items that they remember, or samples, whose attribute a classifier guesses.
    """
    out = to.place(run.path, "arithmetic.png")
    check_size(rows, run.config().spec.shape)

    from gen_models.analysis.arithmetic import Question, changed
    from gen_models.media.pictures import grid, save_picture

    model, data = run.model(), run.data()
    with model.evaluating("arithmetic", seed):
        pictures = changed(model, data, Question(attribute, plus, minus), rows)
    save_picture(grid(pictures.flatten(0, 1), pictures.shape[1]), out)
    say(out)


@app.command()
@bundled
def latents(
    run: Trained,
    to: Picture,
    n: Annotated[int, typer.Option(min=2, help="Held-out items, at most.")] = 1000,
    how: Annotated[Literal["pca", "tsne"], typer.Option("--map", help="For more than two dimensions.")] = "pca",
    against: Annotated[
        Literal["prior", "normal"] | None,
        typer.Option(
            help="Draws to compare with: the model's prior, which is the default where it has one, or N(0, 1)."
        ),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Map the codes of held-out items, beside draws of the prior, and test whether they differ (kernel MMD)."""
    out = to.place(run.path, "latents.png")

    from gen_models.analysis.maps import code_map
    from gen_models.analysis.prior import compare_codes
    from gen_models.media.pictures import save_picture

    model, data = run.model(), run.data()
    turn = model.clock.turn
    with model.evaluating("latents", seed):
        sets, record = compare_codes(model, data.test, n, against)
    save_picture(code_map(sets, f"Codes after turn {turn}", how, seed), out)
    say(out)
    if record is None:
        say("this model has no prior over codes: --against normal compares them with N(0, 1).")
    else:
        say(f"{record} p={record.found['p']:.3g}")
        say(run.store(model, [record], "codes"))


@app.command()
@bundled
def traverse(
    run: Trained,
    to: Picture,
    rows: Annotated[int, typer.Option(min=1, help="Latents, the same for all codes.")] = 3,
    steps: Annotated[int, typer.Option(min=2, help="Values that a number takes; a class takes all of its own.")] = 10,
    code: Annotated[str | None, typer.Option(help="How the names of the codes to move begin; all by default.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Codes to show: those that change pictures most.")] = 16,
    seed: Seed = 0,
) -> None:
    """Move one code at a time: a picture with rows for each code, and a film, -film.gif, beside it."""
    out = to.place(run.path, "traverse.png", "-film.gif")
    check_size(rows * steps, run.config().spec.shape)

    from gen_models.analysis.traverse import choice, frames, sheet, strongest, traversals
    from gen_models.media.films import save_film
    from gen_models.media.pictures import save_picture

    model = run.model()
    with model.evaluating("traverse", seed):
        walks = traversals(model, rows, steps, code)
    shown = strongest(walks, most)
    save_picture(sheet(shown), out)
    film = companion(out, "-film.gif")
    save_film(frames(shown), film)
    for position, name in enumerate(shown):
        say(f"rows {position * rows + 1} to {(position + 1) * rows}: {name}")
    if words := choice(len(shown), len(walks)):
        say(f"{words}: --most shows more")
    say(out, film)
