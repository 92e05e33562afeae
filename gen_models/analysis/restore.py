"""What a model makes of held-out items: all of them, or the half that it is not shown."""

from itertools import chain

import torch
from torch import Tensor

from gen_models.core.abilities import Completes, Reconstructs
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
    kept = torch.cat([x[:, :, :keep], torch.ones_like(x[:, :, keep:])], 2)
    labels = y.repeat_interleave(tries) if model.classes else None
    drawn = model.complete(x.repeat_interleave(tries, 0), keep, labels)
    return torch.cat([x[:, None], kept[:, None], drawn.unflatten(0, (len(x), tries))], 1).flatten(0, 1)


def _first(items: Items, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
    x, y = gathered(items, torch.arange(n))
    return x.to(device), y.to(device)
