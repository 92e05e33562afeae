"""The codes of data, for whatever is asked of them."""

import torch
from torch import Tensor

from gen_models.core.abilities.codes import Encodes, HasItemLatents
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items, batches, some
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.waiting import awaited

BATCH = 500


def codes_of(model: GenerativeModel, items: Items, n: int | None = None) -> Tensor:
    """Give the codes (N, D) of `some` items, of all by default, as float32 on the CPU.

    Raises:
        UsageError: The model has no codes.
    """
    if not isinstance(model, Encodes):
        raise UsageError("this model gives samples no codes: choose a run of an autoencoder, such as model=vae.")
    with torch.no_grad():
        order = some(items, n)
        shown = awaited(batches(items, order, BATCH), "encoding", -(-len(order) // BATCH))
        parts = [model.encode(x.to(model.device), y.to(model.device)).float().cpu() for x, y in shown]
    return torch.cat(parts)


def training_codes(model: GenerativeModel, source: Source, n: int | None = None) -> Tensor:
    """Give the codes (N, D) of `some` training items: the latents that the model keeps, or else by encoding."""
    if not isinstance(model, HasItemLatents):
        return codes_of(model, source.train, n)
    with torch.no_grad():
        return model.latents_of(some(source.train, n).to(model.device)).float().cpu()
