"""Samples and figures."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import Trained
from gen_models.cli.outputs import Overwrite, companion, place, say, written
from gen_models.errors import UsageError
from gen_models.files import inside, replacing, write_text

if TYPE_CHECKING:
    from gen_models import GenerativeModel

app = typer.Typer()
ENDINGS = {"safetensors": ".safetensors", "onnx": ".onnx", "program": ".pt2"}
CARD, DRAWS = "_card.md", "_latents.npz"
Kind = Literal["safetensors", "onnx", "program"]


@app.command()
@bundled
def export(
    run: Trained,
    out: Annotated[
        Path | None,
        typer.Option(callback=written(*ENDINGS.values()), help="File to write; RUN/export/model.… by default."),
    ] = None,
    overwrite: Overwrite = False,
    to: Annotated[
        Kind | None, typer.Option(help="Weights; a graph from latents to samples in ONNX; or one of torch.export.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="All networks, critics and encoders among them.")] = False,
) -> None:
    """Write what draws samples, a generator or a decoder, into one file, with a model card beside it.

    Weights (.safetensors) are for gen_models.load; .onnx and .pt2 need nothing of this project, and draws of the prior
    lie beside them.
    """
    from gen_models.reports.card import card
    from gen_models.reports.finished import read

    kind = _kind(to, out, whole)
    if run.way and kind == "safetensors":
        raise UsageError("weights keep no way of sampling: leave --way out, and give it to what samples the file.")
    beside = (CARD,) if kind == "safetensors" else (CARD, DRAWS)
    file = place(out, inside(run.path, "export", f"model{ENDINGS[kind]}"), overwrite, *beside)
    model = run.model()
    model.forget_averages()  # the weights that were asked for are in place
    words = _weights(run, model, file, whole) if kind == "safetensors" else _program(model, kind, file)
    write_text(companion(file, CARD), card(read(run.path), file, companion(file, DRAWS), words))
    for path in (file, *(companion(file, ending) for ending in beside)):
        say(path)


def _kind(to: Kind | None, out: Path | None, whole: bool) -> Kind:
    """Which kind of file is written, as it was said, or by the ending."""
    named = next((kind for kind, ending in ENDINGS.items() if out is not None and out.suffix == ending), None)
    kind = to or named or "safetensors"
    if named not in (None, kind):
        raise UsageError(f"--to {kind} writes {ENDINGS[kind]}, and not {out}: name it so, or leave --to out.")
    if kind == "onnx" and not (find_spec("onnx") and find_spec("onnxscript")):
        raise UsageError("ONNX needs onnx and onnxscript: pip install -c constraints.txt -e '.[onnx]'.")
    if whole and kind != "safetensors":
        raise UsageError("a program holds what draws samples alone: leave --whole out, or export --to safetensors.")
    return kind  # type: ignore[return-value]


def _weights(run: Trained, model: "GenerativeModel", file: Path, whole: bool) -> str:
    from gen_models.run.exported import drawing, write

    networks = [name for name, _ in model.named_children()] if whole else drawing(model)
    file.parent.mkdir(parents=True, exist_ok=True)
    write(model, run.config(), networks, file)
    return f"This file holds its {' and '.join(networks) or 'weights'}."


def _program(model: "GenerativeModel", kind: Kind, file: Path) -> str:
    import numpy as np

    from gen_models.analysis.decoding import traced, write_onnx, write_program

    found = traced(model)
    (write_onnx if kind == "onnx" else write_program)(found, file)
    given = {"z": found.z} if found.y is None else {"z": found.z, "y": found.y}
    with replacing(companion(file, DRAWS)) as place, place.open("wb") as draws:
        np.savez(draws, **{name: tensor.numpy() for name, tensor in given.items()})  # type: ignore[arg-type]
    return f"This file maps {' and '.join(given)} to samples: z has {found.z.shape[1]} numbers."
