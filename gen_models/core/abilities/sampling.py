"""Sampling: its settings, its cost, and its way from noise to data."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeGuard, runtime_checkable

from torch import Tensor


@runtime_checkable
class HasTwoStages(Protocol):
    """A model that learns a space first, and then to draw from it."""

    @property
    def drawing(self) -> bool:
        """Whether the space is there, by the images that the clock has counted."""


@runtime_checkable
class HasWay(Protocol):
    """A model whose sampling has settings (a temperature, a solver and its steps)."""

    @property
    def way(self) -> Mapping[str, Any]:
        """All settings of sampling by name, as they are now: plain numbers, words and truth values."""

    def set_way(self, **settings: Any) -> None:
        """Change the settings, given all of them by the names of `way`; raise UsageError for a value out of range."""


@runtime_checkable
class Truncates(Protocol):
    """A model whose latents can be truncated (Brock et al. 2019, https://arxiv.org/abs/1809.11096)."""

    def truncate(self, limit: float, passes: int) -> None:
        """Sample latents of at most `limit`, with batch statistics of `passes` batches of such samples."""


@runtime_checkable
class HasEvaluations(Protocol):
    """A model whose samples take several evaluations of its network, one after another."""

    @property
    def evaluations(self) -> int | None:
        """Evaluations for a sample (NFE), guided ones of two classes counted once; None where they depend on it."""


@runtime_checkable
class HasTrajectory(Protocol):
    """A model whose sampling has steps to look at."""

    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n samples and give all T states of the canvas (T, n, *shape) in [-1, 1]; the last is the sample."""


@runtime_checkable
class MayDrawAtOnce(Protocol):
    """A model whose sampling has steps with some of its networks, and a single one with others."""

    @property
    def draws_at_once(self) -> bool:
        """Whether sampling has a single step now: a trajectory is the sample alone."""


def draws_in_steps(model: object) -> TypeGuard[HasTrajectory]:
    """Whether there is more to look at than the sample."""
    return isinstance(model, HasTrajectory) and not (isinstance(model, MayDrawAtOnce) and model.draws_at_once)


@runtime_checkable
class HasStates(Protocol):
    """A model whose samples come out of noise, state after state, at known times."""

    def route(self) -> list[float]:
        """Give the times of a sample's states, from noise to data."""

    def states(self, z: Tensor, y: Tensor | None) -> Iterator[tuple[float, Tensor]]:
        """Give times and states (B, *shape) of samples of classes (B,) that begin with noise z ~ N(0, 1)."""


@runtime_checkable
class HasVelocity(Protocol):
    """A model whose samples follow an equation dx/dt = v(x, t)."""

    def velocity(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give dx/dt (B, *shape) of states of classes (B,) at time t."""
