"""Samples that are a function of a seed and their position, however many are drawn."""

from collections.abc import Iterator

import torch
from torch import Tensor

from gen_models.analysis.subject import Draw
from gen_models.core.model import GenerativeModel
from gen_models.waiting import awaited

BLOCK = 64
"""Samples that are drawn together, always as many: other numbers would change the random numbers of each."""


def blocks(
    model: GenerativeModel, n: int, seed: int, y: Tensor | None = None, draw: Draw | None = None
) -> Iterator[Tensor]:
    """Draw n samples, a block at a time; each block has random numbers of its own, and what is too many is dropped.

    Args:
        model: The model; its precision counts.
        n: How many.
        seed: Sample i of a seed and a class is the same for every n.
        y: Classes (n,); None takes every class in turn, where the model has any.
        draw: Draws in the model's place, such as from a density of its codes.

    Yields:
        (block, *shape) float32 in [-1, 1] on the CPU.
    """
    for start in awaited(range(0, n, BLOCK), "drawing samples", -(-n // BLOCK)):
        places = torch.arange(start, start + BLOCK)
        with model.evaluating("sample", seed, start):
            x = (draw or model.sample)(BLOCK, _classes(model, places, y))
        yield x[: n - start].float().cpu()


def in_turn(model: GenerativeModel, places: Tensor) -> Tensor | None:
    """Give the classes of samples at some places where every class comes in turn; None where the model has none."""
    return places % model.classes if model.classes else None


def _classes(model: GenerativeModel, places: Tensor, y: Tensor | None) -> Tensor | None:
    """The classes of some places; places beyond those that are asked for repeat the last class."""
    return in_turn(model, places) if y is None else y[places.clamp(max=len(y) - 1)]
