"""Samples and figures."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import Trained
from gen_models.cli.outputs import Overwrite, place, written

app = typer.Typer()


@app.command()
@bundled
def export(
    run: Trained,
    out: Annotated[Path, typer.Option(callback=written(".safetensors"), help="File to write, .safetensors.")],
    overwrite: Overwrite = False,
) -> None:
    """Write the model's weights, with its configuration as metadata, for use without this project."""
    import json

    import torch
    from omegaconf import OmegaConf
    from safetensors.torch import save_file

    place(out, out, overwrite)
    config = json.dumps(OmegaConf.to_container(run.config()))
    state = run.model().state_dict()
    weights = {name: value.clone().contiguous() for name, value in state.items() if isinstance(value, torch.Tensor)}
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, str(out), metadata={"config": config})
    typer.echo(out)
