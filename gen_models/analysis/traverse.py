"""What a single entry of a latent changes, everything else held."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import pad

from gen_models.analysis.latent_space import Render, Space, space_of
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.latents.code_parts import Axis
from gen_models.media.pictures import grid
from gen_models.waiting import awaited

REFERENCE = 1000
"""Draws of the prior between whose 5th and 95th percentile an entry without a name is moved."""
MOST = 256
"""Codes that are moved one by one, at most; a flow has as many as pixels, which takes a quarter of an hour."""


def traversals(model: GenerativeModel, rows: int, steps: int, only: str | None = None) -> Mapping[str, Tensor]:
    """Move each code through its range, in `rows` latents that are the same for all codes.

    Args:
        model: Has latents with named codes; of a decoder each entry is a code.
        rows: Latents.
        steps: Values that a number takes; a class takes all of its own.
        only: The beginning of the names of the codes that are moved; None moves all.

    Returns:
        For each code (rows, steps, *shape) in [-1, 1].

    Raises:
        UsageError: The model has no latents with a meaning, no code of that name, or too many.
    """
    space = space_of(model)
    axes = space.axes(steps) or _entries(space, steps)
    z = space.draw(rows, None)
    chosen = [axis for axis in axes if axis.name.startswith(only or "")]
    if not chosen:
        raise UsageError(f"there is no code '{only}': there is {', '.join(axis.name for axis in axes)}.")
    if len(chosen) > MOST:
        named = f"name some, such as --code '{axes[0].name}'"
        raise UsageError(f"this model has {len(axes):,} codes, too many to move each: {named}.")
    y = model.labels(rows)
    shown = awaited(chosen, "walking along codes", len(chosen))
    return {axis.name: _walk(space.decode, z, y, axis) for axis in shown}


def strongest(walks: Mapping[str, Tensor], most: int) -> Mapping[str, Tensor]:
    """Choose the codes that change pictures most, by the variance along their walks; they keep their order."""
    changes = {name: float(walk.var(1).mean()) for name, walk in walks.items()}
    chosen = sorted(walks, key=lambda name: -changes[name])[:most]
    return {name: walk for name, walk in walks.items() if name in chosen}


def choice(shown: int, codes: int) -> str:
    """Say that these are some of the codes only; nothing where they are all."""
    return f"these {shown} of {codes} codes change pictures most" if shown < codes else ""


def sheet(walks: Mapping[str, Tensor]) -> Tensor:
    """Lay out walks as one picture (3, H, W) uint8, a row for each latent, one code below the other."""
    parts = [grid(walk.flatten(0, 1), columns=walk.shape[1]) for walk in walks.values()]
    width = max(part.shape[2] for part in parts)
    return torch.cat([pad(part, (0, width - part.shape[2]), value=255) for part in parts], dim=1)


def frames(walks: Mapping[str, Tensor]) -> list[Tensor]:
    """Make a film of walks, there and back: pictures (3, H, W) uint8 with a row for each code."""
    longest = max(walk.shape[1] for walk in walks.values())
    way = [*range(longest), *range(longest - 2, 0, -1)]
    return [_frame([walk[:, step * walk.shape[1] // longest] for walk in walks.values()]) for step in way]


def _frame(rows: list[Tensor]) -> Tensor:
    return grid(torch.cat(rows), columns=len(rows[0]))


def _entries(space: Space, steps: int) -> list[Axis]:
    """Each entry of a latent as a code without a meaning, moved through most of its range."""
    drawn = space.draw(REFERENCE, None)
    low, high = torch.quantile(drawn, drawn.new_tensor([0.05, 0.95]), dim=0).cpu()
    values = torch.lerp(low, high, torch.linspace(0, 1, steps)[:, None])
    return [Axis(f"code {i + 1}", slice(i, i + 1), column[:, None]) for i, column in enumerate(values.unbind(1))]


def _walk(render: Render, z: Tensor, y: Tensor, axis: Axis) -> Tensor:
    """Give (B, steps, *shape) of latents (B, D) and their classes."""
    steps = len(axis.values)
    moved = z[:, None].repeat(1, steps, 1)
    moved[:, :, axis.place] = axis.values.to(z)
    return render(moved.flatten(0, 1), y.repeat_interleave(steps)).unflatten(0, (len(z), steps))
