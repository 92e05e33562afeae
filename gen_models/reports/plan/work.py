"""Work of a move: arithmetic, kernels, and what is kept for the backward pass, on tensors without memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException, FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Player, frozen, parameters_of
from gen_models.reports.plan.forward import ForwardNorms


@dataclass(frozen=True)
class Work:
    """Work of one move of a player, its lazy terms on the average.

    Attributes:
        flops: Floating point operations of convolutions and matrix products; a multiplication and an addition are two.
        kernels: Operations that a GPU would be given, one kernel each at least.
        activations: Bytes that are kept for the backward pass, of the part of the batch that needs most.
    """

    flops: int
    kernels: int
    activations: int


class Counting(TorchDispatchMode):
    """Count of arithmetic and kernels; torch's own counter can't follow the double backward of gradient penalties."""

    def __init__(self) -> None:
        super().__init__()
        self.flops = self.kernels = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Do as told, and count."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        self.kernels += not func.is_view and func.namespace != "prim"  # which asks a tensor where it lies
        if (formula := flop_registry.get(func.overloadpacket)) is not None:
            self.flops += formula(*args, **kwargs, out_val=result)
        return result


@contextmanager
def imagined(model: GenerativeModel) -> Iterator[None]:
    """Give a model that was built on the meta device weights of shape and type only, which claim to be on the CPU.

    What runs within runs on such tensors: no memory is taken and nothing computed, but for shapes. The meta device
    would do, were it not refused by autocast and by fused optimizers.
    """
    with FakeTensorMode(allow_non_fake_inputs=True), ForwardNorms():
        for module in model.modules():
            for tensors in (module._parameters, module._buffers):
                tensors |= {name: _imagined(tensor) for name, tensor in tensors.items() if tensor is not None}
        model._device = torch.device("cpu")
        yield


def _imagined(tensor: Tensor) -> Tensor:
    copy = torch.empty_like(tensor, device="cpu")
    return nn.Parameter(copy, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else copy


def batch(shape: Sequence[int], size: int) -> Batch:
    """Give a batch of `size` items."""
    return Batch(torch.zeros(size, *shape), torch.zeros(size, dtype=torch.long), torch.arange(size))


def move(model: GenerativeModel, player: Player, whole: Batch) -> Work:
    """Play a move within `imagined`, up to the optimizer's step, with its share of steps for lazy terms."""
    done = _step(model, player, whole)
    if player.lazy is None:
        return done
    for names, share in player.lazy.shares().items():
        lazy = _step(model, replace(player, losses=partial(player.lazy.weighed, names=names)), whole)
        flops, kernels = done.flops + round(share * lazy.flops), done.kernels + round(share * lazy.kernels)
        done = Work(flops, kernels, max(done.activations, lazy.activations))
    return done


def _step(model: GenerativeModel, player: Player, whole: Batch) -> Work:
    """Compute the gradients of a player's losses, which are there afterwards."""
    own = set(map(id, parameters_of(player.networks)))
    others = [p for p in model.parameters() if p.requires_grad and id(p) not in own]
    kept: list[int] = []
    with Counting() as counted, frozen(others):
        for part in _paired(player, whole).parts(model.accumulate):
            kept.append(_part(player.losses, part, {p.untyped_storage()._cdata for p in model.parameters()}))
    return Work(counted.flops, counted.kernels, max(kept))


def _paired(player: Player, whole: Batch) -> Batch:
    """Complete a batch; what pairs items with noise by their values (optimal transport) is taken for having done so."""
    if player.before is None:
        return whole
    try:
        return player.before(whole)
    except (DataDependentOutputException, DynamicOutputShapeException):
        return whole._replace(noise=torch.empty_like(whole.x))


def _part(losses: Callable[[Batch], dict[str, Tensor]], part: Batch, weights: set[int]) -> int:
    """Give the bytes kept for the backward pass, each storage once, without the weights."""
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        terms = losses(part)
    size = sum(tensor.untyped_storage().nbytes() for key, tensor in kept.items() if key not in weights)
    if terms:
        torch.stack(list(terms.values())).sum().backward()
    return size
