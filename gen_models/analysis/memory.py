"""What a model with a latent for each training item has kept of the items."""

import math

import torch
from torch import Tensor

from gen_models.analysis.codes import first
from gen_models.core.abilities import HasItemLatents
from gen_models.data.interface import Items, batches
from gen_models.metrics.record import Record

ITEMS = 1000


def recalled(
    model: HasItemLatents, items: Items, n: int, size: int, device: torch.device, batched: bool = True
) -> tuple[Tensor, Tensor]:
    """Give the first training items, and what the model draws from their latents, both (n, *shape) in [-1, 1].

    Args:
        model: Has the latents.
        items: The training items.
        n: How many.
        size: Of a batch.
        device: Where the model is.
        batched: Draw them as batches of training, in their order; else one by one, as a sample is drawn.
    """
    originals, drawn, index = [], [], first(items, n)
    for part, (x, y) in zip(index.split(size), batches(items, index, size), strict=True):
        part, y = part.to(device), y.to(device)
        with torch.no_grad():
            picture = model.recall(part, y) if batched else model.decode(model.latents_of(part), y)
        originals.append(x)
        drawn.append(picture.cpu())
    return torch.cat(originals), torch.cat(drawn)


def psnr(pictures: Tensor, originals: Tensor) -> Tensor:
    """Peak signal-to-noise ratios (B,) in dB of pictures (B, *shape), for values in [-1, 1]."""
    errors = (pictures - originals).square().flatten(1).mean(1)
    return 10 * (4 / errors.clamp(min=1e-12)).log10()


def memory(model: HasItemLatents, items: Items, size: int, device: torch.device) -> list[Record]:
    """Judge the first training items by the mean of their PSNR, in batches of training and one by one."""
    records = []
    for batched, name in ((True, "mean PSNR of training items"), (False, "mean PSNR of training items one by one")):
        originals, drawn = recalled(model, items, ITEMS, size, device, batched)
        values = psnr(drawn, originals).double()
        error = float(values.std() / math.sqrt(len(values))) if len(values) > 1 else None
        protocol = {"unit": "dB", "real": "train", "n": len(values), "batch": size if batched else None}
        records.append(Record(name, float(values.mean()), error, protocol=protocol))
    return records
