"""A player's move but for the optimizer's step: who is frozen, what is minimised, what ranks exchange."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gen_models.core.batch import Batch
from gen_models.core.contract import check_losses
from gen_models.core.exchange import GradientExchange
from gen_models.core.graphed import GraphedMove
from gen_models.core.graphs import GraphBackend
from gen_models.core.journal import Journal
from gen_models.core.player import Noted, Player, frozen, parameters_of


@dataclass
class Move:
    """Gradient computation of a player, with all that it takes.

    Attributes:
        player: Whose move it is.
        optimizer: The player's.
        others: Parameters of everybody else, frozen meanwhile.
        averaged: Networks of the player that have averages, by name.
        exchange: Averages gradients over ranks, where there are several.
        journal: Is told the terms.
        backward: Computes gradients of an objective.
        accumulate: Parts into which a batch is cut.
        graphed: Makes the move by CUDA graphs, where these are asked for.
        lazy: Computes the gradients of the player's lazy terms, where it has such.
    """

    player: Player
    optimizer: Optimizer
    others: Sequence[nn.Parameter]
    averaged: Mapping[str, nn.Module]
    exchange: GradientExchange | None
    journal: Journal
    backward: Callable[[Tensor], None]
    accumulate: int
    graphed: GraphedMove | None = None
    lazy: "Move | None" = None

    def __call__(self, batch: Batch) -> bool:
        """Leave the gradients for a batch in the player's parameters; False if it passes (gives no losses)."""
        self.journal.begin(self.player.name)
        if self.graphed is None:
            return self.gradients(batch, self.exchange).moves
        moves, self.journal.terms = self.graphed(batch)
        if moves and self.exchange is not None:
            self.exchange.now()
        return moves

    def gradients(self, batch: Batch, exchange: GradientExchange | None = None) -> Noted:
        """Launch the losses and their gradients, part by part, averaged over ranks by an exchange."""
        self.optimizer.zero_grad()
        with frozen(self.others):
            parts = list(self.player.parts(batch, self.accumulate))
            for number, part in enumerate(parts, start=1):
                losses = self.player.losses(part)
                check_losses(self.player.name, losses)
                self.journal.minimise(losses)
                if losses:
                    with exchange.during() if exchange and number == len(parts) else nullcontext():
                        self.backward(torch.stack(list(losses.values())).sum() * (len(part.x) / len(batch.x)))
        return Noted(bool(losses), self.journal.terms)


def moves_of(
    model: nn.Module,
    players: Sequence[Player],
    optimizers: Sequence[Optimizer],
    averages: Collection[str],
    journal: Journal,
    backward: Callable[[Tensor], None],
    accumulate: int,
    several: bool,
    backend: GraphBackend | None,
    made: Callable[[str], int],
) -> list[Move]:
    """Give the moves of a model's players.

    Args:
        model: Of which all is frozen but the player's own.
        players: In the order of their moves.
        optimizers: Theirs.
        averages: Names of the networks that have averages.
        journal: See `Move`.
        backward: See `Move`.
        accumulate: See `Move`.
        several: Whether ranks exchange gradients.
        backend: Captures moves; None makes each as ever.
        made: Gives the moves that a player has made, by its name.
    """
    trainable = [p for p in model.parameters() if p.requires_grad]
    networks = {name: network for name, network in model.named_children() if name in averages}

    def move_of(player: Player, optimizer: Optimizer) -> Move:
        own = parameters_of(player.networks)
        ids = {*map(id, own), *map(id, player.networks)}
        others = [p for p in trainable if id(p) not in ids]
        averaged = {name: network for name, network in networks.items() if id(network) in ids}
        exchange = GradientExchange(own) if several else None
        move = Move(player, optimizer, others, averaged, exchange, journal, backward, accumulate)
        if backend is not None:
            move.graphed = GraphedMove(player, move.gradients, model, backend)
        if (lazy := player.lazily(partial(made, player.name))) is not None:
            move.lazy = move_of(lazy, optimizer)
        return move

    return [move_of(player, optimizer) for player, optimizer in zip(players, optimizers, strict=True)]
