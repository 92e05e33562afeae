"""The command that asks whether latents mean something."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_models.cli.options import Averaged, Device, Picture, Run, Which, loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from gen_models.core.stream import Source


def neighbours(
    run: Run,
    out: Picture = Path("neighbours.png"),
    n: Annotated[int, typer.Option(min=2, help="Training items, at most.")] = 2000,
    k: Annotated[int, typer.Option(min=1, help="Neighbours of each.")] = 5,
    rows: Annotated[int, typer.Option(min=1, help="Items in the picture.")] = 8,
    averaged: Averaged = True,
    checkpoint: Which = "newest",
    device: Device = "cpu",
) -> None:
    """Say how often neighbours among training items' codes share an attribute; among their pixels, to compare."""
    import torch

    from gen_models.analysis.codes import first, training_codes
    from gen_models.analysis.neighbours import agreement, beside, nearest
    from gen_models.analysis.records import write_records
    from gen_models.core.build import build_data
    from gen_models.core.run import read_config
    from gen_models.errors import UsageError
    from gen_models.items import batches
    from gen_models.pictures import grid, save_picture

    model, data = loaded(run, averaged, checkpoint, device), build_data(read_config(run))
    with model.evaluating("neighbours"):
        codes = training_codes(model, data, n)
    if len(codes) < max(k + 1, rows):
        raise UsageError(f"{len(codes)} training items are too few for --k {k} --rows {rows}: lower these.")
    pictures = torch.cat([x for x, _ in batches(data.train, first(data.train, n), 500)])
    known, records = _attributes(data, len(codes)), []
    for space, points in {"codes": codes, "pixels": pictures.flatten(1)}.items():
        found = nearest(points, k)
        records += agreement(found, known, space)
        if space == "codes":
            save_picture(grid(beside(pictures, found, rows), k + 1), out)
    for record in records:
        typer.echo(f"{record} chance={record.protocol['chance']:.3g}")
    typer.echo(out)
    typer.echo(write_records(records, run / "evaluation" / f"turn-{model.clock.turn:06d}-neighbours.json"))


def _attributes(data: "Source", n: int) -> "Mapping[str, Tensor]":
    import torch

    from gen_models.analysis.codes import classes_of
    from gen_models.items import Attributed

    if isinstance(data, Attributed):
        return {name: torch.from_numpy(values[:n].copy()) for name, (values, _) in data.factors.items()}
    return {"class": classes_of(data.train, n)}
