"""One pass over a set of images gives the features on which all metrics are computed."""

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.data.interface import Items, batches, picked, some
from gen_models.errors import NumericalDeath
from gen_models.metrics.cache import Tensors
from gen_models.metrics.distributed import gather, rank, world
from gen_models.metrics.extractors import Extractor
from gen_models.metrics.precision import whole
from gen_models.randomness import isolated
from gen_models.waiting import awaited

Sample = Callable[[int, Tensor | None], Tensor]
"""(n, classes (n,) or None) -> (n, *shape) float32 in [-1, 1], on any device."""


GENERATED = "generated"
"""The key of the random numbers of samples that are judged, before the seed and the rank of who draws them."""


class Features(NamedTuple):
    """A set as a metric sees it: features (N, F) and, where the extractor has classes, logits (N, K).

    Where it tells the classes of C parts of an item, logits are (N, K, C).
    """

    x: Tensor
    logits: Tensor | None = None

    def tensors(self) -> Tensors:
        """What there is, by name; `Features(**tensors)` is the way back."""
        return {name: value for name, value in self._asdict().items() if value is not None}


def generated(
    extractor: Extractor,
    sample: Sample,
    n: int,
    batch_size: int,
    seed: int,
    device: torch.device,
    y: Tensor | None = None,
) -> Features:
    """The features of `n` samples, of the classes y (n,) if there are any; each rank draws its share, and has all."""
    share = math.ceil(n / world())
    own = torch.arange(rank() * share, (rank() + 1) * share) % n
    parts = own.split(batch_size)
    drawn = (sample(len(part), None if y is None else y[part]) for part in parts)
    with isolated(GENERATED, seed, rank()):
        found = extract(extractor, awaited(drawn, "judging samples", len(parts)), device, "generated images")
    return Features(**{name: gather(value)[:n] for name, value in found.tensors().items()})


def real(extractor: Extractor, items: Items, n: int, batch_size: int, seed: int, device: torch.device) -> Features:
    """The features of `n` items picked by `seed`."""
    order = picked(items, n, seed)
    pictures = (x for x, _ in batches(items, order, batch_size))
    shown = awaited(pictures, "judging real data", math.ceil(len(order) / batch_size))
    return extract(extractor, shown, device, "real data")


def restored(
    extractor: Extractor,
    restore: Callable[[Tensor, Tensor], Tensor],
    items: Items,
    n: int,
    size: int,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    """The features (N, F) of `some` items, and of what `restore` makes of them and their classes."""
    order = some(items, n)
    originals = extract(extractor, (x for x, _ in batches(items, order, size)), device, "real data")
    pictures = (restore(x.to(device), y.to(device)) for x, y in batches(items, order, size))
    return originals.x, extract(extractor, pictures, device, "reconstructions").x


@torch.no_grad()
def extract(extractor: Extractor, images: Iterable[Tensor], device: torch.device, what: str) -> Features:
    """The features of batches of images; `what` they are is for the error of numbers that are infinite or NaN."""
    xs, logits = [], []
    for batch in images:
        batch = batch.to(device, torch.float32)
        _refuse_non_finite(batch, what)  # before quantisation makes a pixel of it
        with whole(device):
            x, classes = extractor(batch)
        _refuse_non_finite(x, f"features of the {what}")
        xs.append(x)
        logits += [] if classes is None else [classes]
    return Features(torch.cat(xs), torch.cat(logits) if logits else None)


def _refuse_non_finite(x: Tensor, what: str) -> None:
    if not x.isfinite().all():
        raise NumericalDeath(f"The {what} hold numbers that are infinite or NaN, which no metric can score.")
