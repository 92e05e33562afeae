"""What a model makes of held-out items: all of them, or the part that it is not shown."""

from collections.abc import Callable
from itertools import chain

import torch
from torch import Tensor

from gen_models.core.abilities.codes import Reconstructs
from gen_models.core.abilities.completion import Completes, Inpaints
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items, gathered, some
from gen_models.errors import UsageError


def reconstructions(model: GenerativeModel, items: Items, n: int, columns: int) -> Tensor:
    """Rows (R, columns, *shape) of `n` items, or of as many as fill rows, above their reconstructions.

    Where there are fewer items than `columns`, they are one row.

    Raises:
        UsageError: The model reconstructs nothing, or there are no items.
    """
    if not isinstance(model, Reconstructs):
        raise UsageError("this model reconstructs nothing: choose a run of an autoencoder, such as model=vae or ae.")
    columns = min(columns, n, len(items))
    if not columns:
        raise UsageError("there are no held-out items to reconstruct: raise data.test_fraction.")
    x, y = _some(items, n, model.device, whole=columns)
    with torch.no_grad():
        rows = zip(x.split(columns), model.reconstruct(x, y).split(columns), strict=True)
    return torch.stack(list(chain.from_iterable(rows)))


def completions(model: GenerativeModel, items: Items, n: int, tries: int, kept: float | Tensor) -> Tensor:
    """For each of `n` items a row: the item, its kept part on white, and `tries` ways to go on from there.

    Args:
        model: Completes; for a mask it inpaints.
        items: What to begin with.
        n: Items.
        tries: Completions of each.
        kept: The share of the rows of an image, or of the moments of a sound, that is kept; or a mask (1, H, W) that is
            true where an image is.

    Raises:
        UsageError: The model completes nothing, or nothing but what comes later.
    """
    draw = _drawing(model, kept)
    x, y = _some(items, n, model.device)
    if x.ndim < 3:
        raise UsageError("points have no rows to keep: choose a run of pictures or sounds.")
    drawn = draw(x.repeat_interleave(tries, 0), y.repeat_interleave(tries) if model.classes else None)
    shown = torch.where(_known(x, kept), x, torch.ones_like(x))
    return torch.cat([x[:, None], shown[:, None], drawn.unflatten(0, (len(x), tries))], 1).flatten(0, 1)


def _drawing(model: GenerativeModel, kept: float | Tensor) -> Callable[[Tensor, Tensor | None], Tensor]:
    """Give what completes items (B, *shape) of classes (B,)."""
    if isinstance(kept, Tensor):
        if not isinstance(model, Inpaints):
            raise UsageError(
                "this model completes no part that a mask leaves open: choose a run that draws all pixels at once, "
                "such as model=flow_matching, edm or maskgit."
            )
        return lambda x, y: model.inpaint(x, _known(x, kept), y)
    if not isinstance(model, Completes):
        raise UsageError(
            "this model completes nothing: choose a run of model=pixelcnn or another of pixel after pixel, of maskgit "
            "or var, or of a model from noise to data such as flow_matching."
        )
    return lambda x, y: model.complete(x, round(kept * x.shape[2]), y)


def _known(x: Tensor, kept: float | Tensor) -> Tensor:
    """Which part of items (B, *shape) is kept, as a mask that broadcasts to them."""
    if isinstance(kept, Tensor):
        return kept.to(x.device)
    return (torch.arange(x.shape[2], device=x.device) < round(kept * x.shape[2])).view(-1, *[1] * (x.ndim - 3))


def _some(items: Items, n: int, device: torch.device, whole: int = 1) -> tuple[Tensor, Tensor]:
    """`some` items and their classes, as many as fill rows of so many."""
    order = some(items, n)
    x, y = gathered(items, order[: len(order) // whole * whole])
    return x.to(device), y.to(device)
