"""Samples and figures."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gen_models.beside import Within
from gen_models.cli.bundles import bundled
from gen_models.cli.options import OneClass, Seed, Trained, Truncation
from gen_models.cli.outputs import FOLDER, PICTURES, Overwrite, check_size, place, say, written
from gen_models.errors import UsageError
from gen_models.files import inside

if TYPE_CHECKING:
    from gen_models import GenerativeModel
    from gen_models.analysis.density import Density, Kind
    from gen_models.data.source import Source

OfCodes = Annotated[
    Literal["gaussian", "mixture"] | None,
    typer.Option("--density", help="Decode draws of a density fitted to the codes of 10,000 training items."),
]
Components = Annotated[int, typer.Option(min=1, help="Gaussians of --density mixture."), Within("density", "mixture")]
FITTED = 10_000
SamplesOut = Annotated[
    Path | None,
    typer.Option(
        callback=written(*PICTURES, ".npz", ""),
        help="One picture (.png, …), .npz with an array, or a folder, of which each sample is a PNG.",
    ),
]

app = typer.Typer()


@app.command()
@bundled
def sample(
    run: Trained,
    out: SamplesOut = None,
    overwrite: Overwrite = False,
    n: Annotated[int, typer.Option(min=1, help="How many samples.")] = 64,
    class_: OneClass = None,
    seed: Seed = 0,
    columns: Annotated[int | None, typer.Option(min=1, help="Pictures in a row; 8, or one of each class.")] = None,
    scale: Annotated[int | None, typer.Option(min=1, help="Times that each pixel of a picture is repeated.")] = None,
    truncation: Truncation = None,
    density: OfCodes = None,
    components: Components = 10,
) -> None:
    """Draw samples: into one picture, into a folder of them, or into an array (.npz) that other tools judge.

    Sample i of a seed is the same for every --n, and in every form.
    """
    path = place(out, inside(run.path, FOLDER, "samples.png"), overwrite)
    shape = run.config().spec.shape
    _check_form(path, len(shape), columns, scale)
    if path.suffix.lower() in PICTURES:
        check_size(n, shape, scale or 1, " --out FOLDER or .npz, which are written a part at a time")

    import torch

    from gen_models.analysis.density import ex_post
    from gen_models.analysis.sampling import blocks, in_turn
    from gen_models.media.many import save_samples
    from gen_models.media.pictures import columns_for

    model = run.model(truncation)
    draw = None if density is None else ex_post(model, _fitted(model, run.data(), density, components))
    y = run.classes(model, n, class_)
    drawn = blocks(model, n, seed, y, draw)
    classes = in_turn(model, torch.arange(n)) if y is None else y
    save_samples(drawn, n, classes, path, columns or columns_for(model.classes if y is None else 0), scale or 1)
    say(path)


@app.command()
@bundled
def evaluate(
    run: Trained,
    n: Annotated[int | None, typer.Option(min=2, help="Samples to judge; as in the run's metrics by default.")] = None,
    n_real: Annotated[int | None, typer.Option(min=2, help="Real items that they are compared with.")] = None,
    reference: Annotated[Literal["test", "train"] | None, typer.Option(help="The split of these.")] = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option(help="Another file of conf/metrics, such as inception; give it again for several judges."),
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="fid, kid, is, precision, vendi, …; give it again for several.")
    ] = None,
    figures: Annotated[
        list[str] | None,
        typer.Option(
            help="Slower ones: per_class, cas, c2st, parzen, diversity, memorisation, smoothness, cost, or all."
        ),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, help="Draws for an item, where a likelihood is only bounded.")] = 1,
    held_out: Annotated[
        int | None, typer.Option(min=2, help="Items for likelihood, reconstruction and classification; all by default.")
    ] = None,
    split: Annotated[
        Literal["test", "validation"], typer.Option(help="Held-out items: those to report on, or those to choose by.")
    ] = "test",
    truncation: Truncation = None,
    density: OfCodes = None,
    components: Components = 10,
) -> None:
    """Take every figure that the model's abilities allow, and store it beside the run, under those that stand there."""
    from gen_models.analysis.evaluate import EvaluationOptions, evaluate_run
    from gen_models.analysis.figures import check_names
    from gen_models.metrics.figure import figures_from
    from gen_models.run.plugins import allowed

    asked = EvaluationOptions(
        tuple(metrics or ()), n, tuple(metric or ()), tuple(figures or ()), draws, held_out, n_real, reference, split
    )
    with figures_from(allowed(run.plugins or ())):
        check_names(asked.figures, asked.metric)
        cfg, model = run.config(), run.model(truncation)
        source = run.data()
        fit = None if density is None else partial(_fitted, model, source, density, components)
        records, file = evaluate_run(run.path, cfg, model, source, asked, fit, averaged=run.averaged)
    for record in records:
        say(record)
    say(file)


def _check_form(path: Path, axes: int, columns: int | None, scale: int | None) -> None:
    """Refuse a form that samples of so many axes can't have, and what a form has none of."""
    if axes != 3 and not path.suffix:
        raise UsageError("samples of this model are no pictures: --out takes a file that ends in .npz, or one of them.")
    if columns is not None and (axes == 1 or path.suffix.lower() not in PICTURES):
        raise UsageError("--columns is for one picture of many, and not for points, arrays or folders: leave it out.")
    if scale is not None and (axes != 3 or path.suffix == ".npz"):
        raise UsageError("--scale is for pictures alone, which neither points and sounds nor arrays are: leave it out.")


def _fitted(model: "GenerativeModel", data: "Source", density: "Kind", components: int) -> "Density":
    from dataclasses import replace

    from gen_models.analysis.codes import training_codes
    from gen_models.analysis.density import fit
    from gen_models.data.interface import partly

    with model.evaluating("density"):
        fitted = fit(training_codes(model, data, FITTED), density, components)
    return replace(fitted, protocol={**fitted.protocol, **partly(data.train, FITTED)})
