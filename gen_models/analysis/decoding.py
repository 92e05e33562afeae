"""A trained decoder as a program that needs nothing of this project: latents to samples."""

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from gen_models.analysis.latent_space import movable, space_of
from gen_models.analysis.sampling import in_turn
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.files import replacing
from gen_models.run.exported import drawing, strip

DRAWS = 1024
"""Draws of the prior that go with a program."""


class Decoder(nn.Module):
    """Latents (n, D) to samples (n, *shape) in [-1, 1]; of a model with classes also these, (n,) int64.

    Args:
        model: Has a latent space.
    """

    def __init__(self, model: GenerativeModel) -> None:
        super().__init__()
        self.model = model
        self.space = space_of(model)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give samples (n, *shape) of latents (n, D), of the first class where none is given."""
        labels = torch.zeros(len(z), dtype=torch.int64, device=z.device) if y is None else y
        return self.space.decode(z, labels).float()


@dataclass(frozen=True)
class Traced:
    """A decoder as a graph of torch's functions, for any number of latents.

    Attributes:
        program: The graph, with its weights.
        z: (DRAWS, D) draws of the model's prior, to begin with.
        y: Their classes (DRAWS,), every one in turn; None where the model has none.
    """

    program: ExportedProgram
    z: Tensor
    y: Tensor | None


def traced(model: GenerativeModel) -> Traced:
    """Trace a model's decoder.

    Args:
        model: Has a latent space; networks that do not draw are taken out of it.

    Raises:
        UsageError: It has no latent space, or its decoder does what no graph can hold.
    """
    if not movable(model):
        raise UsageError(
            "this model has no latents with a prior, which a program would map to samples: export it --to safetensors."
        )
    decoder = Decoder(model)
    strip(model, drawing(model))
    model.requires_grad_(False)  # or what it writes into a memory of keys and values would ask for gradients
    y = in_turn(model, torch.arange(DRAWS))
    with model.evaluating("export"):
        z = decoder.space.draw(DRAWS, y)
        given = (z[:2],) if y is None else (z[:2], y[:2])
        sizes = tuple({0: Dim("n")} for _ in given)
        try:  # strict, since `len` of a tensor is else the number that it is here
            program = torch.export.export(decoder, given, dynamic_shapes=sizes, strict=True)
        except RuntimeError as error:
            raise UsageError(
                "this model's decoder is no graph of torch's functions: export it --to safetensors "
                f"({str(error).strip().splitlines()[0][:120]})."
            ) from error
    return Traced(program, z, y)


def write_program(traced: Traced, out: Path) -> None:
    """Write a program of `torch.export`, for `torch.export.load(out).module()`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out) as place, place.open("wb") as file:
        torch.export.save(traced.program, file)


def write_onnx(traced: Traced, out: Path) -> None:
    """Write an ONNX graph with inputs `z`, and `y` where there are classes, and the output `x`.

    Raises:
        UsageError: ONNX has no operator for what the decoder does.
    """
    try:
        graph = torch.onnx.export(traced.program, output_names=["x"], verbose=False)
    except torch.onnx.OnnxExporterError as error:
        lacking = re.search(r"op='(?:aten\.)?(\w+)", str(error))
        raise UsageError(
            f"ONNX has no operator for {lacking[1] if lacking else 'a function'} of torch, which this model's decoder "
            "uses: export it --to program."
        ) from error
    assert graph is not None
    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out) as place:
        graph.save(str(place), external_data=False)
