"""Codes and latents."""

from collections.abc import Sequence
from typing import Annotated

import typer

from gen_models.beside import Within
from gen_models.cli.bundles import bundled
from gen_models.cli.options import BY_NAME, OneClass, Seed, Trained, Truncation, finite
from gen_models.cli.outputs import Picture, check_size, say
from gen_models.errors import UsageError

app = typer.Typer()


@app.command()
@bundled
def steer(
    run: Trained,
    to: Picture,
    move: Annotated[
        list[str] | None,
        typer.Option(help="A code and its value, or a direction and σ: 'number 1=0.5', 'direction 2=-1.5'; and again."),
    ] = None,
    n: Annotated[int, typer.Option(min=1, help="Draws, as of sample.")] = 16,
    class_: OneClass = None,
    seed: Seed = 0,
    between: Annotated[
        str | None, typer.Option(help="Walk between two of the draws instead, by their numbers from 0: 3,7.")
    ] = None,
    steps: Annotated[int, typer.Option(min=2, help="Samples of that walk."), Within("between")] = 8,
    spherical: Annotated[
        bool, typer.Option("--spherical/--linear", help="An arc about the origin, or a line."), Within("between")
    ] = False,
    truncation: Truncation = None,
) -> None:
    """Draw samples with their codes changed: named ones set, or moved along the directions that change samples most."""
    out = to.place(run.path, "steered.png")
    moves, ends = _moves(move or ()), None if between is None else _ends(between)
    check_size(n if ends is None else steps, run.config().spec.shape)

    from gen_models.analysis.steer import Steering, Walk
    from gen_models.media.pictures import columns_for, grid, save_picture

    walk = None if ends is None else Walk(*ends, steps, spherical)
    model = run.model(truncation)
    classes = run.classes(model, n, class_)
    drawn = Steering(model).drawn(n, seed, classes, moves, walk)
    columns = columns_for(model.classes if class_ is None else 0) if walk is None else steps
    save_picture(grid(drawn, columns), out)
    say(out)


@app.command()
@bundled
def directions(
    run: Trained,
    to: Picture,
    rows: Annotated[int, typer.Option(min=1, help="Draws, the same for all directions.")] = 3,
    steps: Annotated[int, typer.Option(min=2, help="Samples in a row.")] = 7,
    count: Annotated[int, typer.Option(min=1, max=20, help="Directions.")] = 6,
    reach: Annotated[float, typer.Option(min=0, help="Standard deviations that the ends of a row are away.")] = 3.0,
    seed: Seed = 0,
    truncation: Truncation = None,
) -> None:
    """Move draws along the directions of the latents that change samples most: rows for each direction."""
    out = to.place(run.path, "directions.png")
    check_size(rows * steps * count, run.config().spec.shape)

    from gen_models.analysis.steer import Steering
    from gen_models.media.pictures import grid, save_picture

    steering = Steering(run.model(truncation))
    drawn = steering.spread(rows, steps, count, reach, seed)
    save_picture(grid(drawn.flatten(0, 2), steps), out)
    for position in range(len(drawn)):
        say(f"rows {position * rows + 1} to {(position + 1) * rows}: direction {position + 1}")
    say(out)


@app.command()
@bundled
def mix(
    run: Trained,
    to: Picture,
    scales: Annotated[
        str, typer.Option(help="Those that are taken, the coarsest first: 1-2 changes layout, 3-4 colours; or one: 2.")
    ] = "1",
    rows: Annotated[int, typer.Option(min=1, help="Draws that are changed.")] = 4,
    columns: Annotated[int, typer.Option(min=1, help="Draws that scales are taken from.")] = 6,
    class_: OneClass = None,
    seed: Seed = 0,
    truncation: Truncation = None,
) -> None:
    """Mix styles: samples with some scales of others, for models whose latent has a part for each scale."""
    out = to.place(run.path, "mixtures.png")
    check_size((rows + 1) * (columns + 1), run.config().spec.shape)
    first, last = _scales(scales)

    from gen_models.analysis.mixing import mixtures
    from gen_models.analysis.steer import Steering
    from gen_models.media.pictures import grid, save_picture

    steering = Steering(model := run.model(truncation))
    classes = run.classes(model, rows + columns, class_)
    save_picture(grid(mixtures(steering, rows, columns, first, last, seed, classes), columns + 1), out)
    say(out)


@app.command()
@bundled
def decode(
    run: Trained,
    at: Annotated[str, typer.Option(help="Its place on the map: 0.5,-1.2.")],
    to: Picture,
    n: Annotated[int, typer.Option(min=2, help="Held-out items of the map, at most.")] = 1000,
    class_: Annotated[
        str | None, typer.Option("--class", help=f"Its class, {BY_NAME}, for a model that is told it; 0 by default.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Decode a place of the map that `latents` draws of codes."""
    out, place = to.place(run.path, "decoded.png"), _place(at)

    from gen_models.analysis.atlas import atlas, decoded_at
    from gen_models.media.pictures import grid, save_picture

    model = run.model()
    y = run.classes(model, 1, class_)
    number = 0 if y is None else int(model.labels(1, y))
    _, plane = atlas(model, run.data().test, n, seed)
    save_picture(grid(decoded_at(model, plane, place, number), 1), out)
    say(out)


def _moves(words: Sequence[str]) -> dict[str, float]:
    moves: dict[str, float] = {}
    for name, number in map(_move, words):
        if name in moves:
            raise UsageError(f"--move says '{name}' twice: say it once.")
        moves[name] = number
    return moves


def _move(word: str) -> tuple[str, float]:
    name, _, value = word.rpartition("=")
    if (number := finite(value)) is None:
        raise UsageError(f"--move is a code and a number, as in 'direction 1=2', not '{word}'.")
    return name, number


def _scales(word: str) -> tuple[int, int]:
    first, dash, last = word.partition("-")
    if not (first.strip().isdecimal() and (last.strip() if dash else first.strip()).isdecimal()):
        raise UsageError(f"--scales takes one of them, or the first and the last, as in 1-2, not '{word}'.")
    return int(first), int(last if dash else first)


def _ends(word: str) -> tuple[int, int]:
    first, _, second = word.partition(",")
    if not (first.strip().isdecimal() and second.strip().isdecimal()) or int(first) == int(second):
        raise UsageError(f"--between takes the numbers of two draws, as in 3,7, not '{word}'.")
    return int(first), int(second)


def _place(word: str) -> tuple[float, float]:
    x, y = (finite(part) for part in (word.partition(",")[::2]))
    if x is None or y is None:
        raise UsageError(f"--at takes the two coordinates of a place, as in 0.5,-1.2, not '{word}'.")
    return x, y
