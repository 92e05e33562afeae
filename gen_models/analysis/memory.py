"""What a model with a latent for each training item has kept of the items."""

import math

import torch
from torch import Tensor

from gen_models.analysis.codes import first
from gen_models.core.abilities import Remembers
from gen_models.items import Items, batches
from gen_models.metrics.record import Record

BATCH = 64
ITEMS = 1000


def recalled(model: Remembers, items: Items, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Give the first `n` training items, and what the model draws from their latents, both (n, *shape) in [-1, 1]."""
    index = first(items, n)
    pairs = zip(index.split(BATCH), batches(items, index, BATCH), strict=True)
    with torch.no_grad():
        drawn = [(x, model.decode(model.latents_of(part.to(device)), y.to(device)).cpu()) for part, (x, y) in pairs]
    originals, pictures = (torch.cat(half) for half in zip(*drawn, strict=True))
    return originals, pictures


def psnr(pictures: Tensor, originals: Tensor) -> Tensor:
    """Peak signal-to-noise ratios (B,) in dB of pictures (B, *shape), for values in [-1, 1]."""
    errors = (pictures - originals).square().flatten(1).mean(1)
    return 10 * (4 / errors.clamp(min=1e-12)).log10()


def memory(model: Remembers, items: Items, device: torch.device, n: int = ITEMS) -> Record:
    """Judge the first `n` training items: the mean of their PSNR, and its standard error."""
    values = psnr(*recalled(model, items, n, device)).double()
    error = float(values.std() / math.sqrt(len(values))) if len(values) > 1 else None
    protocol = {"unit": "dB", "real": "train", "n": len(values)}
    return Record("mean PSNR of training items", float(values.mean()), error, protocol=protocol)
