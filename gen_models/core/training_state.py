"""Training state beside the model: optimizers by player, precision, callbacks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lightning import Trainer
from torch.optim import Optimizer

from gen_models.core.player import Player


def training_state(trainer: Trainer, players: Sequence[Player]) -> dict[str, Any]:
    """Give the state of optimizers, precision and callbacks for a checkpoint.

    It has nothing of Lightning's loops, which count one endless epoch.
    """
    return {
        "optimizers": {name: optimizer.state_dict() for name, optimizer in _optimizers(trainer, players)},
        "precision": trainer.precision_plugin.state_dict(),
        "callbacks": {callback.state_key: callback.state_dict() for callback in trainer.callbacks},  # type: ignore[attr-defined]
    }


def restore_training_state(trainer: Trainer, players: Sequence[Player], captured: Mapping[str, Any]) -> None:
    """Load that state from a checkpoint; a callback that it does not know stays as it is."""
    for name, optimizer in _optimizers(trainer, players):
        optimizer.load_state_dict(captured["optimizers"][name])
    trainer.precision_plugin.load_state_dict(captured["precision"])
    for callback in trainer.callbacks:  # type: ignore[attr-defined]
        if state := captured["callbacks"].get(callback.state_key):
            callback.load_state_dict(state)


def _optimizers(trainer: Trainer, players: Sequence[Player]) -> Iterator[tuple[str, Optimizer]]:
    yield from zip((player.name for player in players), trainer.optimizers, strict=True)
