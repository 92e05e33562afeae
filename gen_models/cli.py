"""`gen-models`: everything after training."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_models.boundary import boundary

if TYPE_CHECKING:
    from gen_models import GenerativeModel

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Ask a trained model, or this machine.",
)

Run = Annotated[Path, typer.Argument(help="Run directory, as train.py printed it.")]
Averaged = Annotated[bool, typer.Option(help="Use averaged weights where the run has them.")]
Which = Annotated[str, typer.Option(help="newest or best.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, …")]
Truncation = Annotated[float | None, typer.Option(help="Largest latent, with standing statistics (BigGAN): 0.5, 1, …")]


def main() -> None:
    """Run the command line; errors are sentences."""
    with boundary():
        app()


@app.command()
def sample(
    run: Run,
    out: Annotated[Path, typer.Option(help="Picture to write.")] = Path("samples.png"),
    n: Annotated[int, typer.Option(min=1, help="How many samples.")] = 64,
    class_: Annotated[int | None, typer.Option("--class", help="Class to draw; all in turn by default.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same samples.")] = 0,
    columns: Annotated[int, typer.Option(min=1, help="Pictures in a row.")] = 8,
    averaged: Averaged = True,
    checkpoint: Which = "newest",
    truncation: Truncation = None,
    device: Device = "cpu",
) -> None:
    """Draw samples into a grid."""
    import torch

    from gen_models.pictures import grid, save_picture
    from gen_models.randomness import isolated

    model = _loaded(run, averaged, checkpoint, truncation, device)
    classes = None if class_ is None else torch.full((n,), class_)
    with isolated("sample", seed):
        save_picture(grid(model.sample(n, classes), columns), out)
    typer.echo(out)


@app.command()
def evaluate(
    run: Run,
    n: Annotated[int | None, typer.Option(min=2, help="Samples to judge; as in the run's metrics by default.")] = None,
    metrics: Annotated[str | None, typer.Option(help="Another file of conf/metrics, such as inception.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="fid, kid or is; give it again for several.")] = None,
    draws: Annotated[int, typer.Option(min=1, help="Latents an item, where a likelihood is only bounded.")] = 1,
    averaged: Averaged = True,
    checkpoint: Which = "newest",
    truncation: Truncation = None,
    device: Device = "cpu",
) -> None:
    """Take every figure that the model's abilities allow, and store it beside the run."""
    from gen_models.analysis.evaluate import evaluate as take
    from gen_models.analysis.evaluate import store
    from gen_models.core.build import build, build_data, build_model
    from gen_models.core.run import choose_metrics, read_config

    cfg = read_config(run)
    if metrics is not None:
        choose_metrics(cfg, metrics)
    if cfg.metrics:
        cfg.metrics.update({"n": n or cfg.metrics.n, "metrics": metric or cfg.metrics.metrics})
    model = _loaded(run, averaged, checkpoint, truncation, device)
    records = take(model, build_data(cfg), build(cfg, "metrics"), untrained=lambda: build_model(cfg), draws=draws)
    for record in records:
        typer.echo(record)
    typer.echo(store(records, run, model.clock.turn))


def _loaded(run: Path, averaged: bool, checkpoint: str, truncation: float | None, device: str) -> "GenerativeModel":
    from gen_models import load
    from gen_models.core.abilities import Truncates
    from gen_models.errors import UsageError
    from gen_models.randomness import isolated

    model = load(run, averaged=averaged, checkpoint=checkpoint, device=device)
    if truncation is not None:
        if not isinstance(model, Truncates):
            raise UsageError("this model has no latents to truncate: leave --truncation out.")
        with isolated("truncation"):
            model.truncate(truncation, passes=16)
    return model


@app.command()
def export(
    run: Run,
    out: Annotated[Path, typer.Option(help="File to write, .safetensors.")],
    averaged: Averaged = True,
    checkpoint: Which = "newest",
) -> None:
    """Write the model's weights, with its configuration as metadata, for use without this project."""
    import json

    import torch
    from omegaconf import OmegaConf
    from safetensors.torch import save_file

    from gen_models import load
    from gen_models.core.run import read_config

    config = json.dumps(OmegaConf.to_container(read_config(run)))
    state = load(run, averaged=averaged, checkpoint=checkpoint).state_dict()
    weights = {name: value.clone().contiguous() for name, value in state.items() if isinstance(value, torch.Tensor)}
    save_file(weights, str(out), metadata={"config": config})
    typer.echo(out)


@app.command()
def doctor() -> None:
    """Show versions, devices, and which optional parts are missing."""
    from gen_models.doctor import examine

    for line in examine():
        typer.echo(line)
