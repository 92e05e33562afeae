"""Teachers: trained models whose samples others learn to make in fewer steps."""

from math import prod
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from gen_models.core.abilities.codes import Decodes, DecodesUnrounded, HasCodePrior
from gen_models.errors import UsageError
from gen_models.media.pixels import Bins
from gen_models.run.directory import load


@runtime_checkable
class Teaches(Decodes, HasCodePrior, Protocol):
    """A model whose samples are functions of noise of their own shape."""


class Teacher:
    """Trained model of a run, with its averaged weights.

    Args:
        run: The run directory.
        shape: Of the samples that are learned.
        bins: Of the levels of their pixels.
        device: Where it computes.

    Raises:
        UsageError: There is no such run, or its samples are no functions of noise of this shape.
    """

    def __init__(self, run: str, shape: tuple[int, ...], bins: Bins, device: torch.device) -> None:
        model = load(run, device=device)
        if not isinstance(model, Teaches) or _size(model) != prod(shape):
            raise UsageError(
                f"{run} is no teacher: its samples have to be functions of noise of their shape, {list(shape)}, "
                "as those of a run of model=flow_matching or edm on the same data are."
            )
        self.classes = model.classes
        self.model: Teaches = model
        self.shape = shape
        self.bins = bins

    @torch.no_grad()
    def pairs(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Draw noise (B, *shape), and give what of classes (B,) it leads to, (B, *shape), before pixels are rounded.

        Samples of a family that gives levels of pixels only are spread over their bins again.
        """
        told = y if self.classes else None
        z = self.model.draw_codes(len(y), told).view(-1, *self.shape)
        if isinstance(self.model, DecodesUnrounded):
            return z, self.model.decode_unrounded(z, told).float()
        return z, self.bins.spread(self.model.decode(z.flatten(1), told))


def take_on(network: nn.Module, trained: nn.Module, run: str, otherwise: str = "") -> None:
    """Give a network the weights of a run's.

    Args:
        network: Takes them on.
        trained: Has them.
        run: Of which this is.
        otherwise: What else could be said, for the error.

    Raises:
        UsageError: They are of another network.
    """
    try:
        network.load_state_dict(trained.state_dict())
    except RuntimeError as error:
        raise UsageError(
            f"the network of {run} is another one: choose the same network=… and data=… as that run{otherwise}."
        ) from error


@torch.no_grad()
def _size(model: HasCodePrior) -> int:
    return model.draw_codes(1).shape[1]
