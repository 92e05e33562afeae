"""What the ranks of a training tell each other: see `gen_models.core.exchange`."""

from collections.abc import Mapping
from dataclasses import dataclass

from gen_models.core.model import GenerativeModel
from gen_models.core.network_tensors import SharedBuffers
from gen_models.core.player import Player, parameters_of


@dataclass(frozen=True)
class Exchange:
    """Bytes that ranks exchange.

    Attributes:
        gradients: Summed over the ranks in a move of each player, those of lazy terms on the average.
        buffers: Given by rank 0 to all others in each turn.
    """

    gradients: Mapping[str, int]
    buffers: int


def exchange_of(model: GenerativeModel) -> Exchange:
    """Count what the ranks of a model exchange."""
    gradients = {player.name: _sent(player) for player in model.players()}
    buffers = SharedBuffers(model, model.averages.copies.values()).tensors()
    return Exchange(gradients, sum(buffer.nbytes for buffer in buffers))


def _sent(player: Player) -> int:
    steps = 1.0 if player.lazy is None else 1 + sum(player.lazy.shares().values())
    return round(steps * sum(p.nbytes for p in parameters_of(player.networks)))
