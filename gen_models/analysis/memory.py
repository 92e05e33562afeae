"""What a model with a latent for each training item has kept of the items."""

import torch
from torch import Tensor

from gen_models.analysis.subject import Subject, SubjectFigure, able
from gen_models.core.abilities.codes import HasItemLatents
from gen_models.data.interface import Items, batches, partly, some
from gen_models.metrics.psnr import psnr
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import mean_error

ITEMS = 1000
TITLES = ("mean PSNR of training items", "mean PSNR of training items one by one")


def recalled(
    model: HasItemLatents, items: Items, n: int, size: int, device: torch.device, batched: bool = True
) -> tuple[Tensor, Tensor]:
    """Give `some` training items, and what the model draws from their latents, both (n, *shape) in [-1, 1].

    Args:
        model: Has the latents.
        items: The training items.
        n: How many.
        size: Of a batch.
        device: Where the model is.
        batched: Draw them as batches of training, in their order; else one by one, as a sample is drawn.
    """
    originals, drawn, index = [], [], some(items, n)
    for part, (x, y) in zip(index.split(size), batches(items, index, size), strict=True):
        part, y = part.to(device), y.to(device)
        with torch.no_grad():
            picture = model.recall(part, y) if batched else model.decode(model.latents_of(part), y)
        originals.append(x)
        drawn.append(picture.cpu())
    return torch.cat(originals), torch.cat(drawn)


def memory(model: HasItemLatents, items: Items, size: int, device: torch.device) -> list[Estimate]:
    """Judge `some` training items by the mean of their PSNR, in batches of training and one by one."""
    estimates = []
    for batched, title in zip((True, False), TITLES, strict=True):
        originals, drawn = recalled(model, items, ITEMS, size, device, batched)
        values = psnr(drawn, originals).double()
        protocol = {"unit": "dB", "real": "train", "n": len(values), "batch": size if batched else None}
        protocol |= partly(items, ITEMS)
        estimates.append(Estimate(float(values.mean()), mean_error(values), protocol, title=title))
    return estimates


def _remembered(subject: Subject) -> list[Estimate]:
    assert isinstance(subject.model, HasItemLatents)
    found = memory(subject.model, subject.source.train, subject.source.batch_size, subject.device)
    return [each.under(subject.given) for each in found]


MEMORY = SubjectFigure(
    name="memory",
    titles=TITLES,
    higher_is_better=True,
    take=_remembered,
    needs=able(HasItemLatents),
    held_out=False,
    reads=(),
)
