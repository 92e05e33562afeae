"""Agreements of a family: what `players`, their losses and `sample` have to give, held against what they do give.

Torch finds some of these mistakes late and in words of its own, and others never: a loss with an entry for each item is
summed, a network that is no attribute of the model trains and is not saved, samples of any shape have figures.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gen_models.core.player import Player, parameters_of
from gen_models.errors import UsageError

ROUNDING = 1e-3
"""How far beyond [-1, 1] a pixel may lie: half precision rounds."""


def check_players(model: nn.Module, players: object) -> None:
    """Raise UsageError unless these are players with names of their own, over networks of the model."""
    family = type(model).__name__
    if not isinstance(players, list | tuple) or not all(isinstance(each, Player) for each in players):
        raise UsageError(f"{family}.players() gives {_kind(players)}: give a tuple of Player, also of a single one.")
    for name, count in Counter(player.name for player in players).items():
        if count > 1:
            raise UsageError(f"{family}.players() gives {count} players named '{name}': give each a name of its own.")
    own = {id(parameter) for parameter in model.parameters()}
    for player in players:
        _check_networks(player, own)


def _check_networks(player: Player, own: set[int]) -> None:
    networks: object = player.networks
    if not isinstance(networks, list | tuple) or not all(isinstance(network, nn.Module) for network in networks):
        raise UsageError(f"the networks of player '{player.name}' are {_kind(networks)}: give a list of modules.")
    for network in networks:
        if any(id(parameter) not in own for parameter in parameters_of([network])):
            raise UsageError(
                f"player '{player.name}' trains a {type(network).__name__} that is no part of the model, and would not "
                "be saved: set it as an attribute, several as an nn.ModuleList."
            )


def check_losses(player: str, losses: object) -> None:
    """Raise UsageError unless these are named scalars, one of which has a graph, or none, of a player that passes."""
    if not isinstance(losses, Mapping):
        raise UsageError(
            f"the losses of player '{player}' are {_kind(losses)}: give a dictionary of named scalars, "
            "such as {'error': error}."
        )
    for name, term in losses.items():
        if not isinstance(term, Tensor) or term.ndim:
            raise UsageError(f"the loss '{player}/{name}' is {_kind(term)}: give a scalar, a mean over the batch.")
    if losses and not any(term.requires_grad for term in losses.values()):
        raise UsageError(
            f"no loss of player '{player}' depends on the weights of its networks: it is computed without a graph "
            "(detach, no_grad), or by networks that are not the player's."
        )


def check_samples(samples: object, n: int, spec: Mapping[str, Any]) -> None:
    """Raise UsageError unless these are n samples (n, *shape), and of pictures in [-1, 1].

    Args:
        samples: What was drawn.
        n: How many were asked for.
        spec: Of the data: their shape, and the levels of a pixel, None for points.
    """
    wanted = (n, *spec["shape"])
    if not isinstance(samples, Tensor) or tuple(samples.shape) != wanted or not samples.is_floating_point():
        complaint = f"are {_kind(samples)}"
    elif spec["levels"] is not None and float(samples.abs().max()) > 1 + ROUNDING:
        complaint = f"lie between {float(samples.min()):.3g} and {float(samples.max()):.3g}"
    else:
        return
    raise UsageError(f"the model's samples {complaint}: sample(n, y) has to give {wanted} as float32 in [-1, 1].")


def check_first_samples(samples: object, n: int, spec: Mapping[str, Any], device: torch.device) -> None:
    """Raise UsageError unless these are such samples of an untrained model, finite and on the model's device.

    Args:
        samples: See `check_samples`.
        n: See `check_samples`.
        spec: See `check_samples`.
        device: The model's.
    """
    if isinstance(samples, Tensor) and samples.device != device:
        raise UsageError(f"the model is on {device}, its samples on {samples.device}: draw with device=self.device.")
    check_samples(samples, n, spec)
    if isinstance(samples, Tensor) and not samples.isfinite().all():
        raise UsageError(
            "samples of the untrained model are not all finite numbers: look for a logarithm or a quotient of what may "
            "be 0, or an exponential without a bound, in its sample(n, y)."
        )


def _kind(found: object) -> str:
    """What something is, in words."""
    if isinstance(found, Tensor):
        return f"a {found.dtype} tensor of shape {tuple(found.shape)}"
    return f"a {type(found).__name__}"
