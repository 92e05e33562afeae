"""What a model makes of held-out items: all of them, or the half that it is not shown."""

from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor

from gen_models.core.abilities import Completes, Fills, Reconstructs
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items, gathered
from gen_models.errors import UsageError


def reconstructions(model: GenerativeModel, items: Items, n: int, columns: int) -> Tensor:
    """Rows (R, columns, *shape) of the first `n` items, or of as many as fill rows, above their reconstructions.

    Where there are fewer items than `columns`, they are one row.

    Raises:
        UsageError: The model reconstructs nothing, or there are no items.
    """
    if not isinstance(model, Reconstructs):
        raise UsageError("this model reconstructs nothing: choose a run of an autoencoder, such as model=vae or ae.")
    columns = min(columns, n, len(items))
    if not columns:
        raise UsageError("there are no held-out items to reconstruct: raise data.test_fraction.")
    x, y = _first(items, min(n, len(items)) // columns * columns, model.device)
    with torch.no_grad():
        rows = zip(x.split(columns), model.reconstruct(x, y).split(columns), strict=True)
    return torch.stack(list(chain.from_iterable(rows)))


def completions(model: GenerativeModel, items: Items, n: int, tries: int, share: float) -> Tensor:
    """For each of the first `n` items a row: the item, its kept part on white, and `tries` ways to go on from there.

    Args:
        model: Completes.
        items: What to begin with.
        n: Items.
        tries: Completions of each.
        share: Of the rows of an image, or of the moments of a sound, that is kept.

    Raises:
        UsageError: The model completes nothing.
    """
    if not isinstance(model, Completes):
        raise UsageError(
            "this model completes nothing: choose a run of model=pixelcnn or another of pixel after pixel."
        )
    x, y = _first(items, min(n, len(items)), model.device)
    keep = round(share * x.shape[2])
    known = torch.arange(x.shape[2], device=x.device).view(-1, *[1] * (x.ndim - 3)) < keep
    drawn = model.complete(x.repeat_interleave(tries, 0), keep, _labels(model, y, tries))
    return _beside(x, known, drawn)


def fillings(model: GenerativeModel, items: Items, n: int, tries: int, box: Sequence[int]) -> Tensor:
    """Like `completions`, of a rectangle that is drawn anew.

    Args:
        model: Fills.
        items: What to begin with.
        n: Items.
        tries: Completions of each.
        box: First row and column of the rectangle, and the first ones behind it.

    Raises:
        UsageError: The model fills no region, or there is no such rectangle in its images.
    """
    if not isinstance(model, Fills):
        raise UsageError("this model fills no region: choose a run of model=maskgit.")
    x, y = _first(items, min(n, len(items)), model.device)
    height, width = x.shape[2:]
    if len(box) != 4 or not (0 <= box[0] < box[2] <= height and 0 <= box[1] < box[3] <= width):
        raise UsageError(f"a box is top,left,bottom,right within {height} x {width} pixels, not {list(box)}.")
    known = torch.ones(1, height, width, dtype=torch.bool, device=x.device)
    known[:, box[0] : box[2], box[1] : box[3]] = False
    many = x.repeat_interleave(tries, 0)
    drawn = model.fill(many, known.expand(len(many), 1, height, width), _labels(model, y, tries))
    return _beside(x, known, drawn)


def _labels(model: GenerativeModel, y: Tensor, tries: int) -> Tensor | None:
    return y.repeat_interleave(tries) if model.classes else None


def _beside(x: Tensor, known: Tensor, drawn: Tensor) -> Tensor:
    """Each item, its known part on white, and what was drawn of it."""
    kept = torch.where(known, x, torch.ones_like(x))
    return torch.cat([x[:, None], kept[:, None], drawn.unflatten(0, (len(x), -1))], 1).flatten(0, 1)


def _first(items: Items, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
    x, y = gathered(items, torch.arange(n))
    return x.to(device), y.to(device)
