"""Pictures."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_models.beside import Unless, Within
from gen_models.cli.bundles import bundled
from gen_models.cli.options import BY_NAME, Opened, Seed, Trained
from gen_models.cli.outputs import Picture, check_size, say, there

if TYPE_CHECKING:
    from gen_models import GenerativeModel
    from gen_models.analysis.subject import Subject
    from gen_models.data.interface import Items

Images = Annotated[
    list[Path] | None,
    typer.Option("--image", callback=there, help="A picture in place of held-out items; give it again for several."),
]
OfImages = Annotated[
    str | None,
    typer.Option("--class", help=f"Class of those pictures, {BY_NAME}, for a model that is told it; 0 by default."),
    Within("image"),
]
RECONSTRUCTED, COMPLETED = 32, 8
"""Held-out items that are shown, where no number is asked for."""
Metrics = Annotated[str | None, typer.Option(help="Whose features: another file of conf/metrics.")]

app = typer.Typer()


@app.command()
@bundled
def reconstruct(
    run: Trained,
    to: Picture,
    n: Annotated[
        int | None, typer.Option(min=1, help=f"Held-out items; {RECONSTRUCTED} by default."), Unless("image")
    ] = None,
    columns: Annotated[int, typer.Option(min=1, help="Pictures in a row.")] = 8,
    image: Images = None,
    class_: OfImages = None,
) -> None:
    """Reconstruct held-out items: rows of originals, each above its reconstructions."""
    out = to.place(run.path, "reconstructions.png")
    check_size(2 * (n or len(image or ()) or RECONSTRUCTED), run.config().spec.shape)

    from gen_models.analysis.restore import reconstructions
    from gen_models.media.pictures import grid, save_picture

    model = run.model()
    items, count = _shown(run, model, image, class_, n, RECONSTRUCTED)
    with model.evaluating("reconstruct"):
        rows = reconstructions(model, items, count, columns)
    save_picture(grid(rows.flatten(0, 1), rows.shape[1]), out)
    say(out)


@app.command()
@bundled
def complete(
    run: Trained,
    to: Picture,
    n: Annotated[
        int | None, typer.Option(min=1, help=f"Held-out items; {COMPLETED} by default."), Unless("image")
    ] = None,
    tries: Annotated[int, typer.Option(min=1, help="Completions of each.")] = 6,
    keep: Annotated[float, typer.Option(min=0, max=1, help="Share that is kept, from above."), Unless("mask")] = 0.5,
    mask: Annotated[
        Path | None,
        typer.Option(callback=there, help="A picture in place of --keep: white where items are drawn anew."),
    ] = None,
    seed: Seed = 0,
    image: Images = None,
    class_: OfImages = None,
) -> None:
    """Complete held-out items of which a part is kept: the item, that part, and several ways to go on."""
    out = to.place(run.path, "completions.png")
    check_size((n or len(image or ()) or COMPLETED) * (tries + 2), run.config().spec.shape)

    from gen_models.analysis.restore import completions
    from gen_models.data.single import as_mask
    from gen_models.media.pictures import grid, save_picture

    masked = None if mask is None else as_mask(mask, tuple(run.config().spec.shape))
    if masked is not None and masked.all():
        warnings.warn(f"{mask} is dark everywhere, so that nothing is drawn anew: white is.", stacklevel=1)
    model = run.model()
    items, count = _shown(run, model, image, class_, n, COMPLETED)
    with model.evaluating("complete", seed):
        rows = completions(model, items, count, tries, keep if masked is None else masked)
    save_picture(grid(rows, tries + 2), out)
    say(out)


@app.command()
@bundled
def neighbours(
    run: Trained,
    to: Picture,
    n: Annotated[int, typer.Option(min=2, help="Samples.")] = 8,
    count: Annotated[int, typer.Option(min=1, help="Neighbours in pixels, and as many in features.")] = 5,
    metrics: Metrics = None,
) -> None:
    """Show samples, their nearest training items in pixels, and those in features."""
    out = to.place(run.path, "neighbours.png")
    check_size(n * (1 + 2 * count), run.config().spec.shape)

    from gen_models.analysis.neighbours import neighbour_rows
    from gen_models.media.pictures import grid, save_picture

    judged = _subject(run, n, metrics)
    with judged.model.evaluating("neighbours"):
        save_picture(grid(neighbour_rows(judged, count), 1 + 2 * count), out)
    say(out)


@app.command()
@bundled
def real(
    run: Opened,
    to: Picture,
    n: Annotated[int | None, typer.Option(min=1, help="Training items; 64 by default.")] = None,
    columns: Annotated[int, typer.Option(min=1, help="Pictures in a row.")] = 8,
    seed: Seed = 0,
) -> None:
    """Show training items, picked by the seed, as `sample` shows samples."""
    out = to.place(run.path, "real.png")
    check_size(n or 1, run.config().spec.shape)

    from gen_models.analysis.unread import check_there
    from gen_models.data.interface import gathered, picked
    from gen_models.media.pictures import grid, save_picture

    items = run.data().reference
    check_there(f"--n {n}", n, len(items), "training items")
    x, _ = gathered(items, picked(items, n or 64, seed))
    save_picture(grid(x, columns), out)
    say(out)


@app.command()
@bundled
def spectrum(
    run: Trained,
    to: Picture,
    n: Annotated[int, typer.Option(min=2, help="Samples, and held-out items at most.")] = 1000,
) -> None:
    """Plot the power of samples and of held-out items at each spatial frequency, and store their distance."""
    out = to.place(run.path, "spectrum.png")

    from gen_models.analysis.spectra import spectra
    from gen_models.media.pictures import save_picture

    judged = _subject(run, n, "none")
    with judged.model.evaluating("spectrum"):
        picture, record = spectra(judged)
    save_picture(picture, out)
    say(record, out)
    say(run.store(judged.model, [record], "spectrum"))


@app.command()
@bundled
def truncation(
    run: Trained,
    to: Picture,
    limit: Annotated[list[float] | None, typer.Option(help="Largest latent; give it again for several.")] = None,
    columns: Annotated[int, typer.Option(min=1, help="Samples of each.")] = 8,
    seed: Seed = 0,
) -> None:
    """Draw a row of samples for each truncation of the latents: 2, 1, 0.5 and 0.04, as Brock et al. (2019) do.

    Styles (StyleGAN2) are truncated by a share of their way, of which the largest is 1.
    """
    out = to.place(run.path, "truncation.png")
    check_size(len(limit or ()) * columns or columns, run.config().spec.shape)

    import torch

    from gen_models.errors import UsageError
    from gen_models.media.pictures import grid, save_picture
    from gen_models.randomness import isolated

    rows = []
    for most in limit or (2.0, 1.0, 0.5, 0.04):
        try:
            model = run.model(most)
        except UsageError:
            if limit or most <= 1:
                raise
            continue  # nobody asked for more than the whole of it
        with isolated("sample", seed):
            rows.append(model.sample(columns))
    save_picture(grid(torch.cat(rows), columns), out)
    say(out)


def _shown(
    run: Trained, model: "GenerativeModel", images: list[Path] | None, class_: str | None, n: int | None, usual: int
) -> "tuple[Items, int]":
    """Held-out items and how many to show, or all pictures that somebody has brought, of a class that is told."""
    from gen_models.analysis.unread import check_there
    from gen_models.data.single import brought

    if not images:
        items = run.data().test
        check_there(f"--n {n}", n, len(items), "test items")
        return items, n or usual
    cfg, y = run.config(), run.classes(model, len(images), class_)
    told = 0 if y is None else model.labels(len(images), y).cpu()
    shown = brought(images, tuple(cfg.spec.shape), cfg.get("data"), told)
    return shown, len(shown)


def _subject(run: Trained, n: int, metrics: str | None) -> "Subject":
    """The model of a run with `n` samples, judged by the run's own metrics or by others."""
    from gen_models.analysis.subject import PIXELS, Subject
    from gen_models.run.build import build
    from gen_models.run.conf import choose_metrics

    cfg = run.config()
    if metrics is not None:
        choose_metrics(cfg, metrics)
    if cfg.metrics:
        cfg.metrics.n = n
    model, data = run.model(), run.data()
    return Subject(model, data, build(cfg, "metrics") or PIXELS)
