"""Walks between the codes of two items."""

import torch
from torch import Tensor

from gen_models.analysis.latent_space import space_of
from gen_models.core.abilities.codes import Decodes, Encodes, HasItemLatents
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items, batches, some
from gen_models.errors import UsageError

PARALLEL = 1e-3
"""Sine of an angle that float32 hardly tells from 0 or π."""

NO_CODES = (
    "this model has no codes to walk between: choose a run of model=gan or another game, of an autoencoder such as "
    "model=vae, or of a flow."
)


def linear(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Codes (B, steps, D) on the straight lines from `start` to `end`, each (B, D), with both ends."""
    return torch.lerp(start[:, None], end[:, None], torch.linspace(0, 1, steps)[:, None].to(start))


def spherical(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Codes (B, steps, D) on arcs about the origin: (sin((1 - t) θ) a + sin(t θ) b) / sin θ (Shoemake 1985).

    Between codes of one norm all have this norm, as draws of a Gaussian in many dimensions nearly do (White 2016).
    Codes on one line through the origin, for which the formula divides by zero, are joined by a straight line.
    """
    cosine = torch.cosine_similarity(start, end)[:, None, None].clamp(-1, 1)
    angle, t = cosine.acos(), torch.linspace(0, 1, steps)[:, None].to(start)
    arc = (((1 - t) * angle).sin() * start[:, None] + (t * angle).sin() * end[:, None]) / angle.sin()
    return torch.where(angle.sin() > PARALLEL, arc, linear(start, end, steps))


def walks(model: GenerativeModel, items: Items, rows: int, steps: int, *, arcs: bool) -> Tensor:
    """Decode walks between the codes of pairs of items, each between its two originals.

    Args:
        model: Decodes, and encodes or remembers; one that is told the class keeps that of a row's first item.
        items: `rows` of them begin the walks, as many others end them: of training, for a model that remembers.
        rows: Walks.
        steps: Codes of a walk, the ends included.
        arcs: Walk on arcs about the origin instead of straight lines.

    Returns:
        (rows · (steps + 2), *shape) in [-1, 1], a walk after the other.

    Raises:
        UsageError: The model has no codes, or there are too few items.
    """
    if not (isinstance(model, Encodes | HasItemLatents) and isinstance(model, Decodes)):
        raise UsageError(NO_CODES)
    if len(items) < 2 * rows:
        raise UsageError(f"{rows} walks need {2 * rows} items, and there are {len(items)}: lower --rows.")
    index = some(items, 2 * rows)
    ((x, y),) = batches(items, index, 2 * rows)
    x, y, index = x.to(model.device), y.to(model.device), index.to(model.device)
    with torch.no_grad():
        codes = model.latents_of(index) if isinstance(model, HasItemLatents) else model.encode(x, y)
        start, end = codes.chunk(2)
        codes = (spherical if arcs else linear)(start, end, steps)
        drawn = model.decode(codes.flatten(0, 1), y[:rows].repeat_interleave(steps))
    return torch.cat([x[:rows, None], drawn.unflatten(0, (rows, steps)), x[rows:, None]], dim=1).flatten(0, 1)


def drawn_walks(model: GenerativeModel, rows: int, steps: int, *, arcs: bool) -> Tensor:
    """Decode walks between draws of the prior, for models that encode no items; a row keeps its class.

    Where latents have entries with a meaning, a category among them, too, is walked through.

    Returns:
        (rows · steps, *shape) in [-1, 1], a walk after the other.

    Raises:
        UsageError: The model has no codes.
    """
    space = space_of(model)
    y = torch.arange(rows, device=model.device) % max(1, model.classes)
    with torch.no_grad():
        start, end = space.draw(2 * rows, y.repeat(2)).chunk(2)
        codes = (spherical if arcs else linear)(start, end, steps)
        return space.decode(codes.flatten(0, 1), y.repeat_interleave(steps))
