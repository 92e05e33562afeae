"""`gen-models`: everything after training."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.boards import compare, tournament
from gen_models.cli.catalogue import data, losses, metrics, models, networks, penalties
from gen_models.cli.codes import arithmetic, interpolate, latents, traverse
from gen_models.cli.explain import explain
from gen_models.cli.meaning import meaning
from gen_models.cli.options import Averaged, Run, Which
from gen_models.cli.pictures import complete, film, neighbours, reconstruct, spectrum, truncation
from gen_models.cli.plot import plot
from gen_models.cli.runs import status
from gen_models.cli.samples import evaluate, sample
from gen_models.run.boundary import boundary

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Ask a trained model, or this machine.",
)
for command in (
    *(explain, models, networks, losses, penalties, data, metrics),
    *(sample, evaluate, compare, tournament, plot, status),
    *(interpolate, arithmetic, traverse, latents, meaning),
    *(reconstruct, complete, neighbours, film, spectrum, truncation),
):
    app.command()(command)


def main() -> None:
    """Run the command line; errors are sentences."""
    with boundary():
        app()


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
    from gen_models.run.directory import read_config

    config = json.dumps(OmegaConf.to_container(read_config(run)))
    state = load(run, averaged=averaged, checkpoint=checkpoint).state_dict()
    weights = {name: value.clone().contiguous() for name, value in state.items() if isinstance(value, torch.Tensor)}
    save_file(weights, str(out), metadata={"config": config})
    typer.echo(out)


@app.command()
def doctor() -> None:
    """Show versions, devices, and which optional parts are missing."""
    from gen_models.run.doctor import examine

    for line in examine():
        typer.echo(line)
