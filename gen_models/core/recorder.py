"""Recorder of the operations that a player's move launches, so that two of its turns can be compared.

A CUDA graph replays kernels with the arguments that they once had: numbers of Python, addresses of tensors, shapes.
Whatever of these differs between two turns, or has to be asked of the device, would be wrong in a replay without a
word.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

INDEXED = ("index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index")
"""Their tags do not tell indices, whose number is known, from masks, whose chosen elements are counted first."""
ACCOUNTS = ("clock", "averages", "averaging", "backend")
"""What a training loop keeps in a model and writes outside of its moves."""
SCALARS = (bool, int, float, str, type(None))


class TensorArgument(NamedTuple):
    """A tensor as an operation sees it.

    Attributes:
        source: The operation that made its storage, counted from 0; or the address of one from outside of the move.
        layout: Shape, strides, offset, type.
    """

    source: tuple[str, int]
    layout: str


class Operation(NamedTuple):
    """An operation with its arguments, but for the values of tensors."""

    name: str
    arguments: tuple[TensorArgument | str, ...]


class Recorder(TorchDispatchMode):
    """Recorder of operations, forward and backward, and of what a CUDA graph can't hold among them.

    Args:
        device: Where all tensors have to lie.

    Attributes:
        operations: In the order in which they were launched.
        faults: What can't be captured, in words.
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device = device
        self.operations: list[Operation] = []
        self.faults: list[str] = []
        self._made: dict[int, int] = {}
        self._outside: dict[int, Tensor] = {}  # kept, so that nothing new takes their addresses

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note an operation, and let it happen."""
        if func.namespace == "profiler":  # marks of an optimizer's or a hook's beginning and end
            return func(*args, **(kwargs or {}))
        given = tree_leaves((args, kwargs or {}))
        result = func(*args, **(kwargs or {}))
        made = tensors(tree_leaves(result))
        arguments = tuple(self._seen(leaf) if isinstance(leaf, Tensor) else repr(leaf) for leaf in given)
        self.faults += (f"{fault} ({func})" for fault in faults(func, args, [*given, *made], self.device))
        known = {address(tensor) for tensor in tensors(given)}
        self._made |= {place: len(self.operations) for tensor in made if (place := address(tensor)) not in known}
        self.operations.append(Operation(str(func), arguments))
        return result

    def _seen(self, tensor: Tensor) -> TensorArgument:
        place = address(tensor)
        if place in self._made:
            source = ("made by", self._made[place])
        else:
            self._outside[place] = tensor
            source = ("at", place)
        return TensorArgument(
            source, f"{list(tensor.shape)} {tensor.stride()} {tensor.storage_offset()} {tensor.dtype}"
        )


def address(tensor: Tensor) -> int:
    """Where the storage of a tensor begins, which is what a graph holds of it; 0 where zeros need no memory."""
    return 0 if tensor._is_zerotensor() else tensor.untyped_storage().data_ptr()


def tensors(leaves: Iterable[Any]) -> list[Tensor]:
    """Give the tensors among some leaves."""
    return [leaf for leaf in leaves if isinstance(leaf, Tensor)]


def faults(func: Any, args: Any, leaves: Iterable[Any], device: torch.device) -> Iterator[str]:
    """Say why a CUDA graph can't hold an operation; nothing where it can.

    Args:
        func: The operation.
        args: Its positional arguments.
        leaves: Everything that it is given and gives.
        device: Where its tensors have to lie.
    """
    if torch.Tag.data_dependent_output in func.tags:
        yield "it waits for a number of the device"
    if func.overloadpacket.__name__ in INDEXED:
        masks = [mask for mask in tensors(tree_leaves(args[1])) if mask.dtype in (torch.bool, torch.uint8)]
        yield from ("a mask's elements are counted, and their number may change" for _ in masks)
    elif torch.Tag.dynamic_output_shape in func.tags:
        yield "how much it gives depends on values of the device"
    if func.namespace == "c10d":
        yield "ranks talk to each other within it"
    if func.overloadpacket.__name__ == "lift_fresh":
        yield "a tensor is made of numbers of Python"
    if any(isinstance(leaf, torch.Generator) for leaf in leaves):
        yield "random numbers come from a generator of its own"
    if others := {str(tensor.device) for tensor in tensors(leaves) if tensor.device.type != device.type}:
        yield f"a tensor lies on {others.pop()}"


def difference(first: Recorder, second: Recorder) -> str | None:
    """Say where the operations of two turns part; None where they are the same."""
    counts = len(first.operations), len(second.operations)
    for number, (one, other) in enumerate(zip_longest(first.operations, second.operations)):
        if one is None or other is None:
            return f"it has {counts[0]} operations in one turn and {counts[1]} in another"
        if one.name != other.name:
            return f"its operation {number} is {one.name} in one turn and {other.name} in another"
        for before, now in zip_longest(one.arguments, other.arguments):
            if before != now:
                return _argument(one.name, before, now)
    return None


def _argument(name: str, before: TensorArgument | str | None, now: TensorArgument | str | None) -> str:
    """The sentence on an argument that changes."""
    if isinstance(before, TensorArgument) and isinstance(now, TensorArgument):
        if before.layout == now.layout:
            return f"{name} is given a tensor {now.layout} from outside of the move that is another one in each turn"
        before, now = before.layout, now.layout
    return f"{name} is given {before} in one turn and {now} in another"


def numbers(model: nn.Module) -> dict[str, Any]:
    """Numbers, truth values and words that the parts of a model hold in Python, by their paths.

    Of the model itself only what is not private, nor an account of the training loop.
    """
    parts = {**vars(model), **dict(model.named_children())}
    counted = {name: part for name, part in parts.items() if not name.startswith("_") and name not in ACCOUNTS}
    return dict(_numbers(counted, "", {id(model)}))


def _numbers(node: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if isinstance(node, SCALARS):
        yield path, node
        return
    if id(node) in seen or isinstance(node, Tensor | type):
        return
    seen.add(id(node))
    if isinstance(node, list | tuple):
        node = dict(enumerate(node))
    for name, child in (node if isinstance(node, Mapping) else getattr(node, "__dict__", {})).items():
        yield from _numbers(child, f"{path}.{name}" if path else str(name), seen)
