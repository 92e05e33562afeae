"""What several commands are told, how they open a run, and where they store figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gen_models import GenerativeModel
    from gen_models.data.source import Source
    from gen_models.metrics.record import Record

Run = Annotated[Path, typer.Argument(help="Run directory, as train.py printed it.")]
Averaged = Annotated[bool, typer.Option(help="Use averaged weights where the run has them.")]
Which = Annotated[str, typer.Option(help="newest or best.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, …")]
Seed = Annotated[int, typer.Option(help="Same seed, same picture.")]
Picture = Annotated[Path, typer.Option(help="Picture to write.")]


def loaded(
    run: Path, averaged: bool, checkpoint: str, device: str, truncation: float | None = None
) -> "GenerativeModel":
    """Rebuild the model of a run, truncated if that is asked for."""
    from gen_models import load
    from gen_models.core.abilities import Truncates
    from gen_models.errors import UsageError
    from gen_models.randomness import isolated

    model = load(run, averaged=averaged, checkpoint=checkpoint, device=device)
    if truncation is not None:
        if not isinstance(model, Truncates):
            raise UsageError("this model has no latents to truncate: choose a run of model=biggan or another game.")
        with isolated("truncation"):
            model.truncate(truncation, passes=16)
    return model


def opened(run: Path, averaged: bool, checkpoint: str, device: str) -> "tuple[GenerativeModel, Source]":
    """Rebuild the model of a run, and its data."""
    from gen_models.run.build import build_data
    from gen_models.run.directory import read_config

    return loaded(run, averaged, checkpoint, device), build_data(read_config(run))


def stored(run: Path, model: "GenerativeModel", records: "Sequence[Record]", kind: str) -> Path:
    """Write the figures of one kind of analysis beside the run, and say where."""
    from gen_models.metrics.records import write_records

    return write_records(records, run / "evaluation" / f"turn-{model.clock.turn:06d}-{kind}.json")
