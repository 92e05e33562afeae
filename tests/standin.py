"""A stand-in for CUDA graphs on the processor: operations that are done again at the same addresses, without Python.

As of a graph, a number of Python, a tensor and an address are those of the capture, and a capture itself does nothing.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gen_models.core.graphs import GraphBackend
from gen_models.core.recorder import address, tensors


class Tape(TorchDispatchMode):
    """Every operation with its very arguments and results, and how the tensors from outside were at first."""

    def __init__(self):
        super().__init__()
        self.operations, self.outside, self.made = [], {}, {0}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func.namespace == "profiler":
            return func(*args, **(kwargs or {}))
        given = tensors(tree_leaves((args, kwargs or {})))
        for tensor in given:
            if address(tensor) not in self.made | self.outside.keys():
                storage = tensor.untyped_storage()
                self.outside[address(tensor)] = (storage, storage.clone())
        result = func(*args, **(kwargs or {}))
        found = tensors(tree_leaves(result))
        self.made |= {address(each) for each in found} - {address(each) for each in given}
        self.operations.append((func, args, kwargs or {}, result))
        return result

    def undo(self):
        """Leave the tensors from outside as they were."""
        for storage, value in self.outside.values():
            storage.copy_(value)

    @torch.no_grad()
    def replay(self):
        """Do it all again, and lay the results where they lay."""
        with torch.autocast("cpu", enabled=False):
            for func, args, kwargs, result in self.operations:
                again = tensors(tree_leaves(func(*args, **kwargs)))
                for old, new in zip(tensors(tree_leaves(result)), again, strict=True):
                    if address(old) != address(new):
                        old.copy_(new)


class StandIn(GraphBackend):
    """Captures on a Tape."""

    def __init__(self):
        self.captures = self.replays = 0

    def check(self, device):
        """Take any."""

    def warm(self):
        """Need nothing."""
        return torch.enable_grad()

    def capture(self, work):
        tape, state = Tape(), torch.get_rng_state()
        with tape:
            work()
        tape.undo()
        torch.set_rng_state(state)
        self.captures += 1

        def replay():
            self.replays += 1
            tape.replay()

        return replay
