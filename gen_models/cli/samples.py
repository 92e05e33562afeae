"""Samples and figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import Picture, Seed, Trained, Truncation

if TYPE_CHECKING:
    from gen_models import GenerativeModel
    from gen_models.analysis.density import Density, Kind
    from gen_models.data.source import Source

OfCodes = Annotated[
    Literal["gaussian", "mixture"] | None,
    typer.Option("--density", help="Decode draws of a density fitted to the codes of the first 10,000 training items."),
]
Components = Annotated[int, typer.Option(min=1, help="Gaussians of --density mixture.")]
FITTED = 10_000

app = typer.Typer()


@app.command()
@bundled
def sample(
    run: Trained,
    out: Picture = Path("samples.png"),
    n: Annotated[int, typer.Option(min=1, help="How many samples.")] = 64,
    class_: Annotated[int | None, typer.Option("--class", help="Class to draw; all in turn by default.")] = None,
    seed: Seed = 0,
    columns: Annotated[int | None, typer.Option(min=1, help="Pictures in a row; 8, or one of each class.")] = None,
    truncation: Truncation = None,
    density: OfCodes = None,
    components: Components = 10,
) -> None:
    """Draw samples into a grid."""
    import torch

    from gen_models.analysis.density import ex_post
    from gen_models.analysis.sampling import blocks
    from gen_models.media.pictures import columns_for, grid, save_picture

    model = run.model(truncation)
    draw = None if density is None else ex_post(model, _fitted(model, run.data(), density, components))
    classes = None if class_ is None else torch.full((n,), class_)
    columns = columns or columns_for(model.classes if class_ is None else 0)
    save_picture(grid(torch.cat(list(blocks(model, n, seed, classes, draw))), columns), out)
    typer.echo(out)


@app.command()
@bundled
def evaluate(
    run: Trained,
    n: Annotated[int | None, typer.Option(min=2, help="Samples to judge; as in the run's metrics by default.")] = None,
    n_real: Annotated[int | None, typer.Option(min=2, help="Real items that they are compared with.")] = None,
    reference: Annotated[Literal["test", "train"] | None, typer.Option(help="The split of these.")] = None,
    metrics: Annotated[str | None, typer.Option(help="Another file of conf/metrics, such as inception.")] = None,
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
    from gen_models.analysis.evaluate import Asked, evaluate_run
    from gen_models.analysis.figures import check_names
    from gen_models.metrics.figure import figures_from
    from gen_models.run.plugins import allowed

    asked = Asked(metrics, n, tuple(metric or ()), tuple(figures or ()), draws, held_out, n_real, reference, split)
    with figures_from(allowed(run.plugins or ())):
        check_names(asked.figures)
        way, cfg, model = run.sampling(truncation), run.config(), run.model(truncation)
        source = run.data()
        fitted = None if density is None else _fitted(model, source, density, components)
        records, file = evaluate_run(run.path, cfg, model, source, asked, way, fitted, averaged=run.averaged)
    for record in records:
        typer.echo(record)
    typer.echo(file)


def _fitted(model: "GenerativeModel", data: "Source", density: "Kind", components: int) -> "Density":
    from gen_models.analysis.codes import training_codes
    from gen_models.analysis.density import fit

    with model.evaluating("density"):
        return fit(training_codes(model, data, FITTED), density, components)
