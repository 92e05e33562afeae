"""Toy distributions with a known density, in one and two dimensions: mixtures of Gaussians, rings, moons, swiss roll.

The curves (two rings, moons, swiss roll) are integrals along the curve by a quadrature so fine that the nodes lie much
closer together than the noise is wide. Points are drawn from the very mixture that `log_density` evaluates.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Unpack, final

import numpy as np
from torch import Tensor

from gen_models.bounds import Natural, Positive
from gen_models.data.held_out import where_set
from gen_models.data.items import ArrayItems
from gen_models.data.layouts import LINE, PLANE, Layout
from gen_models.data.loading import Loading
from gen_models.data.mixture import REACH, Mixture
from gen_models.data.source import Source, Splits
from gen_models.errors import UsageError

THINNEST_CURVE = 0.01
"""Noise around a curve at least: the nodes of its quadrature lie closer together."""
THINNEST_MODE = 0.001


class Toy(Source):
    """Toy distribution of points in [-1, 1] with a known density; the classes are its modes or curves.

    Args:
        kind: The shape; a wrong one is refused with those that exist.
        count: Training points.
        test_count: Points to report on.
        noise: Standard deviation around modes and curves; the shape shrinks to leave it room.
        seed: Of the points.
        validation_count: Points to choose by, drawn besides.
        loading: See `Loading`.
    """

    def __init__(
        self,
        kind: str,
        count: Positive = 50_000,
        test_count: Positive = 10_000,
        noise: float = 0.03,
        seed: int = 0,
        validation_count: Natural = 0,
        **loading: Unpack[Loading],
    ) -> None:
        super().__init__(**loading)
        if kind not in self.layouts:
            raise UsageError(f"data.kind={kind} is not known: choose {', '.join(self.layouts)}.")
        self.kind, self.count, self.test_count, self.noise, self.seed = kind, count, test_count, noise, seed
        self.validation_count = validation_count
        self.layout = self.layouts[kind]()
        least = THINNEST_MODE if self.modes_only else THINNEST_CURVE
        if not least <= noise < 1 / REACH:
            raise UsageError(f"data.noise={noise} must lie within {least} and {1 / REACH}.")

    @property
    def levels(self) -> None:
        """Points are no pixels."""

    @property
    @abstractmethod
    def layouts(self) -> Mapping[str, Callable[[], Layout]]:
        """The shapes by name."""

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """All arguments but those of the loader."""
        counts = {"count": self.count, "test_count": self.test_count}
        held = where_set(validation_count=self.validation_count)
        return {"kind": self.kind, **counts, "noise": self.noise, "seed": self.seed, **held}

    @cached_property
    def mixture(self) -> Mixture:
        """The Gaussian mixture that items are drawn from."""
        sizes = [len(group) for group in self.layout.groups]
        weights = np.repeat(np.array(self.layout.weights) / sizes, sizes)
        return Mixture(np.concatenate(self.layout.groups) * (1 - REACH * self.noise), weights, self.noise)

    @property
    def modes_only(self) -> bool:
        """Whether each component is a mode, and none a node of a curve."""
        return all(len(group) == 1 for group in self.layout.groups)

    @property
    def modes(self) -> Mixture | None:
        """The distribution where each component is a mode; None for curves."""
        return self.mixture if self.modes_only else None

    def log_density(self, x: Tensor) -> Tensor:
        """The true log density in nats of points (B, D): (B,)."""
        return self.mixture.log_density(x)

    def load(self) -> Splits:
        """Draw training points and those to report on; those to choose by come from a stream of their own."""
        train, test = self._drawn(self.count + self.test_count, self.seed).split(self.count)
        names = tuple(str(i) for i in range(len(self.layout.groups)))
        validation = self._drawn(self.validation_count, [self.seed, 1])
        return Splits(train, test, names if len(names) > 1 else (), validation)

    def _drawn(self, count: int, seed: int | list[int]) -> ArrayItems:
        x, component = self.mixture.draw(count, np.random.RandomState(seed))
        owner = np.repeat(np.arange(len(self.layout.groups)), [len(group) for group in self.layout.groups])
        return ArrayItems(x, owner[component])


@final
class Toy1D(Toy):
    """Numbers on a line: gaussian, mixture or comb (`layouts.LINE`). Arguments: see `Toy`."""

    @property
    def layouts(self) -> Mapping[str, Callable[[], Layout]]:
        """The shapes on the line."""
        return LINE


@final
class Toy2D(Toy):
    """Points in the plane: ring, grid, two_rings, moons or swiss_roll (`layouts.PLANE`). Arguments: see `Toy`."""

    @property
    def layouts(self) -> Mapping[str, Callable[[], Layout]]:
        """The shapes in the plane."""
        return PLANE
