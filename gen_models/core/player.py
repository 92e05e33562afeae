"""Player: networks with an optimizer and an objective of their own."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gen_models.core.batch import Batch
from gen_models.core.clock import Every
from gen_models.core.lazy import Lazy
from gen_models.core.training import MakeOptimizer
from gen_models.errors import UsageError, nearest

Losses = dict[str, Tensor]
"""Named scalar terms; the objective is their sum, the names are the dashboard."""


class Noted(NamedTuple):
    """What is known of a move whose gradients are there.

    Attributes:
        moves: False if the player passes.
        terms: Its losses and what they noted besides, as scalars by name, in order.
    """

    moves: bool
    terms: list[tuple[str, Tensor]]


@dataclass(frozen=True)
class Player:
    """Optimizer group: networks that one optimizer trains, and the objective that it minimises.

    Attributes:
        name: Prefix in the logs, and key into the model's `optimizers`.
        networks: What it trains, by an optimizer of its own. A network may sit in two players, as AAE's encoder does.
        losses: The named terms of its objective for a batch, already averaged over the batch.
        every: Turns to wait before its next move; a callable is given the moves made so far.
        before: Completes the batch before it is cut into parts: what pairs its items (with noise) sees all of them.
        after: Brings its networks back to where they may be (a projection), once it has moved.
        variant: Says all that Python decides of a move in its turn (how far networks have grown): each variant has a
            CUDA graph of its own. None where moves differ in values on the device only, and losses don't ask the clock.
        lazy: Terms that come on some moves only, and then take a step of their own.
    """

    name: str
    networks: Sequence[nn.Module]
    losses: Callable[[Batch], Losses]
    every: Every = 1
    before: Callable[[Batch], Batch] | None = None
    after: Callable[[], None] | None = None
    variant: Callable[[], Hashable] | None = None
    lazy: Lazy | None = None

    def parts(self, batch: Batch, count: int) -> Iterator[Batch]:
        """Give the batch of a move, complete, in `count` parts one after the other."""
        whole = batch if self.before is None else self.before(batch)
        return whole.parts(count)

    def lazily(self, moves: Callable[[], int]) -> "Player | None":
        """Give the player that minimises nothing but those lazy terms that are due; None without any.

        Args:
            moves: Gives the moves that this player has made.
        """
        if (lazy := self.lazy) is None:
            return None

        def losses(batch: Batch) -> Losses:
            return lazy.weighed(batch, lazy.due(moves()))

        def variant() -> Hashable:
            return self.variant and self.variant(), lazy.due(moves())

        return replace(self, losses=losses, variant=variant, lazy=None)


@contextmanager
def frozen(parameters: Sequence[nn.Parameter]) -> Iterator[None]:
    """Take parameters out of the graph; autocast must not keep a weight that was cast while frozen."""
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)
        if parameters and torch.is_autocast_enabled(parameters[0].device.type):
            torch.clear_autocast_cache()


def parameters_of(networks: Sequence[nn.Module]) -> list[nn.Parameter]:
    """The trainable parameters of `networks`, each once."""
    return list({id(p): p for network in networks for p in network.parameters() if p.requires_grad}.values())


def made_for(player: Player, make: MakeOptimizer) -> Optimizer:
    """Make the optimizer of a player.

    Raises:
        UsageError: It does not take its numbers.
    """
    try:
        return make(parameters_of(player.networks))
    except (ValueError, RuntimeError) as error:  # a number out of range; two options that exclude each other
        raise UsageError(f"model.optimizers.{player.name}: {error}") from error


def compile_network(name: str, network: nn.Module, arguments: Mapping[str, Any]) -> None:
    """Have a network compiled when it is first called.

    Raises:
        UsageError: Not with these arguments.
    """
    try:
        network.compile(**arguments)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UsageError(f"model.compile.{name}: {error}") from error


def check_optimizers(players: Sequence[str], optimized: Sequence[str]) -> None:
    """Raise UsageError unless each player has an optimizer, and nobody else has one."""
    for name in optimized:
        if name not in players:
            raise UsageError(f"the model has no player '{name}' to optimize: {nearest(name, players)}")
    if missing := set(players) - set(optimized):
        raise UsageError(f"no optimizer is given for {' and '.join(sorted(missing))}: add it to model.optimizers.")
