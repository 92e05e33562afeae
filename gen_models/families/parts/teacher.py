"""Teachers: trained models whose samples others learn to make in fewer steps."""

from math import prod
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from gen_models.core.abilities.codes import Decodes, HasCodePrior
from gen_models.errors import UsageError
from gen_models.run.directory import load


@runtime_checkable
class Teaches(Decodes, HasCodePrior, Protocol):
    """A model whose samples are functions of noise of their own shape."""


class Teacher:
    """Trained model of a run, with its averaged weights.

    Args:
        run: The run directory.
        shape: Of the samples that are learned.
        device: Where it computes.

    Raises:
        UsageError: There is no such run, or its samples are no functions of noise of this shape.
    """

    def __init__(self, run: str, shape: tuple[int, ...], device: torch.device) -> None:
        model = load(run, device=device)
        if not isinstance(model, Teaches) or _size(model) != prod(shape):
            raise UsageError(
                f"{run} is no teacher: its samples have to be functions of noise of their shape, {list(shape)}, "
                "as those of a run of model=flow_matching or edm on the same data are."
            )
        self.classes = model.classes
        self.model: Teaches = model
        self.shape = shape

    @torch.no_grad()
    def pairs(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Draw noise (B, *shape), and give the samples (B, *shape) in [-1, 1] of classes (B,) that it leads to."""
        told = y if self.classes else None
        z = self.model.draw_codes(len(y), told)
        return z.view(-1, *self.shape), self.model.decode(z, told)


@torch.no_grad()
def _size(model: HasCodePrior) -> int:
    return model.draw_codes(1).shape[1]
