"""Draws of a latent space, steered: named codes set, others moved along the directions that change samples most."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from gen_models.analysis.interpolate import linear, spherical
from gen_models.analysis.latent_space import Space, space_of
from gen_models.analysis.sampling import blocks
from gen_models.core.abilities.codes import HasStyles
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError, nearest
from gen_models.latents.code_parts import Axis
from gen_models.randomness import isolated

DRAWN = 500
"""Draws in which directions are looked for."""
BATCH = 100
MOST = 20
"""Directions."""
DIRECTION = "direction"


@dataclass(frozen=True)
class Walk:
    """A walk between two of the draws.

    Args:
        start: Number of the draw that it begins with, from 0.
        end: Number of that which it ends with.
        steps: Samples, the ends included.
        arcs: Walk on an arc about the origin instead of a straight line.
    """

    start: int
    end: int
    steps: int = 8
    arcs: bool = False


@final
class Steering:
    """Draws of a model's latent space, and how they can be changed.

    Args:
        model: Has a latent space.

    Raises:
        UsageError: It has none.
    """

    def __init__(self, model: GenerativeModel) -> None:
        self.model = model
        self.space = space_of(model)

    @cached_property
    def directions(self) -> Tensor:
        """At most `MOST` directions; see `directions`."""
        return directions(self.model, self.space, MOST)

    def drawn(
        self,
        n: int,
        seed: int,
        y: Tensor | None = None,
        moves: Mapping[str, float] | None = None,
        walk: Walk | None = None,
    ) -> Tensor:
        """Draw the codes of n samples of a seed, change all of them alike, and decode them, or a walk between two.

        Args:
            n: Draws.
            seed: Of the samples: without moves they are those of `gen-models sample`.
            y: Classes (n,); None takes every class in turn, where the model has any.
            moves: By name: the value of a code with a meaning, of a category the number of its class; or by how many
                standard deviations codes are moved along a direction, as in {"direction 1": -2}.
            walk: Between which draws; None decodes the draws themselves.

        Returns:
            (n, *shape), or (steps, *shape), in [-1, 1] on the CPU.

        Raises:
            UsageError: There is no code or draw of that name.
        """
        z, classes = self.codes(n, seed, y)
        for name, value in (moves or {}).items():
            z = self._moved(z, name, value)
        if walk is not None:
            z, classes = _walked(z, classes, walk)
        return self.decoded(z, classes)

    def spread(self, rows: int, steps: int, count: int, reach: float = 3.0, seed: int = 0) -> Tensor:
        """Move the codes of samples along each of the first directions, from -reach to reach standard deviations.

        Returns:
            (K, rows, steps, *shape) in [-1, 1] on the CPU, the samples the same for all directions; K may be less than
            `count`.
        """
        z, y = self.codes(rows, seed, None)
        far = torch.linspace(-reach, reach, steps)[:, None].to(z)
        moved = [(z[:, None] + far * way.to(z)).flatten(0, 1) for way in self.directions[:count]]
        classes = y.repeat_interleave(steps)
        return torch.stack([self.decoded(codes, classes).unflatten(0, (rows, steps)) for codes in moved])

    def codes(self, n: int, seed: int, y: Tensor | None) -> tuple[Tensor, Tensor]:
        """Give the latents (n, D) and classes (n,) of the samples of a seed."""
        classes: list[Tensor] = []

        def latents(count: int, wanted: Tensor | None = None) -> Tensor:
            z = self.space.draw(count, wanted)
            classes.append(self.model.labels(count, wanted))
            return z

        z = torch.cat(list(blocks(self.model, n, seed, y, latents)))
        return z.to(self.model.device), torch.cat(classes)[:n]

    def decoded(self, z: Tensor, y: Tensor) -> Tensor:
        """Give the samples (B, *shape) of latents (B, D) and classes (B,), on the CPU."""
        parts = zip(z.split(BATCH), y.split(BATCH), strict=True)
        with self.model.evaluating("steer"):
            return torch.cat([self.space.decode(codes, classes).float().cpu() for codes, classes in parts])

    def mixed(self, z: Tensor, other: Tensor, taken: slice, y: Tensor) -> Tensor:
        """Give samples (B, *shape) of latents (B, D) and classes (B,), some scales of others (B, D), on the CPU."""
        assert isinstance(self.model, HasStyles)
        parts = zip(z.split(BATCH), other.split(BATCH), y.split(BATCH), strict=True)
        with self.model.evaluating("steer"):
            return torch.cat([self.model.mix(own, far, taken, classes).cpu() for own, far, classes in parts])

    def _moved(self, z: Tensor, name: str, value: float) -> Tensor:
        """Change one thing in all codes (n, D)."""
        axes = {axis.name: axis for axis in self.space.axes(2)}
        if name in axes:
            return _set(z, axes[name], value)
        kind, _, number = name.partition(" ")
        if kind != DIRECTION or not number.isdecimal():
            raise UsageError(f"there is no code '{name}': {nearest(name, [*axes, f'{DIRECTION} 1 (2, 3, …)'])}")
        if not 1 <= int(number) <= len(self.directions):
            raise UsageError(f"there is no {name}: they are numbered from 1 to {len(self.directions)}.")
        return z + value * self.directions[int(number) - 1].to(z)


def directions(model: GenerativeModel, space: Space, count: int) -> Tensor:
    """Orthogonal directions (K, D) of a latent space, each one standard deviation long, by how they change samples.

    The principal components of samples, regressed on their codes (Härkönen et al. 2020, section 2.2, for BigGAN,
    https://arxiv.org/abs/2004.02546, there of a layer's activations): the components of an isotropic prior itself would
    be arbitrary. They are the same whatever the seed, and those of class 0 where there are classes.
    """
    with isolated(DIRECTION), torch.no_grad():
        y = torch.zeros(DRAWN, dtype=torch.int64, device=model.device)
        z = space.draw(DRAWN, y)
        parts = zip(z.split(BATCH), y.split(BATCH), strict=True)
        x = torch.cat([space.decode(codes, classes).flatten(1) for codes, classes in parts])
    z, x = z.double() - z.double().mean(0), x.double() - x.double().mean(0)
    _, scores = torch.linalg.eigh(x @ x.T)  # the largest component is the last
    slopes = scores.flip(1)[:, : min(count, x.shape[1], z.shape[1])].T @ z
    basis = torch.linalg.qr(slopes.T).Q.T
    return (basis * (z @ basis.T).std(0)[:, None]).float()


def _set(z: Tensor, axis: Axis, value: float) -> Tensor:
    """Give a code its value, which of a category is one of its classes."""
    entries = axis.place.stop - axis.place.start
    z = z.clone()
    if entries == 1:
        z[:, axis.place] = value
        return z
    if value not in range(entries):
        raise UsageError(f"{axis.name} is one of {entries} classes, 0 to {entries - 1}, not {value:g}.")
    z[:, axis.place] = axis.values[int(value)].to(z)
    return z


def _walked(z: Tensor, y: Tensor, walk: Walk) -> tuple[Tensor, Tensor]:
    """Codes (steps, D) between two of (n, D), all of the class of the first."""
    if not (0 <= walk.start < len(z) and 0 <= walk.end < len(z)):
        raise UsageError(f"there are draws 0 to {len(z) - 1}: walk between two of them.")
    start, end = z[walk.start : walk.start + 1], z[walk.end : walk.end + 1]
    between = (spherical if walk.arcs else linear)(start, end, walk.steps)[0]
    return between, y[walk.start].expand(walk.steps)
