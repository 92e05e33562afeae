"""Memory of a training: what it keeps from move to move, and what a move keeps for its backward pass."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import Optimizer

from gen_models.core.model import GenerativeModel


@dataclass(frozen=True)
class Memory:
    """Bytes that a training keeps.

    Attributes:
        weights: Parameters and buffers of all networks.
        averages: Averaged copies.
        gradients: Of all players, for each keeps its own until it moves again.
        moments: What the optimizers keep between moves.
        activations: Of the move that needs most; None where moves can't be played without data.
    """

    weights: int
    averages: int
    gradients: int
    moments: int
    activations: int | None


def memory_of(model: GenerativeModel, optimizers: Sequence[Optimizer], activations: int | None) -> Memory:
    """Count the bytes of a model that was played within `imagined`: each optimizer makes a step for its moments."""
    averages = _bytes([*model.averages.parameters(), *model.averages.buffers()])
    whole = _bytes([*model.parameters(), *model.buffers()])
    trained = {id(p): p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]}
    for parameter in trained.values():
        parameter.grad = torch.empty_like(parameter)
    for optimizer in optimizers:
        optimizer.step()
    states = [value for optimizer in optimizers for state in optimizer.state.values() for value in state.values()]
    moments = _bytes([value for value in states if isinstance(value, Tensor)])
    return Memory(whole - averages, averages, _bytes(list(trained.values())), moments, activations)


def _bytes(tensors: Sequence[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
