"""How probable a model finds held-out data, in nats and in bits per dimension, under one rule for every family.

The rule: a pixel has `levels` values. A model of probabilities (Bernoulli, categorical, discretised logistics) is asked
for theirs; a model of densities is asked for the density of the pixels spread uniformly over their bins, which bounds
the probability (`gen_models.media.pixels.dequantised`). Figures of different levels do not compare.
"""

import math

import torch

from gen_models.core.abilities import HasLikelihoodBound, HasLogProb
from gen_models.data.interface import batches
from gen_models.data.source import Source
from gen_models.metrics.record import Record

BATCH = 100


def likelihood(
    model: HasLogProb | HasLikelihoodBound, source: Source, n: int, draws: int, device: torch.device
) -> list[Record]:
    """Judge the first `n` held-out items; the error is the standard error of the mean.

    Args:
        model: Has a likelihood or a bound on it.
        source: The data; nothing is recorded where the model's levels are not the data's.
        n: Items.
        draws: Latents for each item, where there is only a bound.
        device: Where the model is.
    """
    levels = source.spec["levels"]
    if model.levels != levels:
        return []
    nats = []
    for x, y in batches(source.test, torch.arange(min(n, len(source.test))), BATCH):
        x, y = x.to(device), y.to(device)
        value = model.log_prob(x, y) if isinstance(model, HasLogProb) else model.log_bound(x, y, draws)
        nats.append(-value.double().cpu())
    values = torch.cat(nats)
    mean, error = float(values.mean()), float(values.std() / math.sqrt(len(values)))
    bound = "exact" if isinstance(model, HasLogProb) else f"importance-weighted, {draws} draws"
    protocol = {"real": "test", "n": len(values), "levels": levels, "bound": bound}
    records = [Record("NLL", mean, error, protocol=protocol | {"unit": "nats"})]
    if levels is not None:
        bits = math.prod(source.spec["shape"]) * math.log(2)
        records.append(
            Record("bits per dimension", mean / bits, error / bits, ceiling=math.log2(levels), protocol=protocol)
        )
    return records
