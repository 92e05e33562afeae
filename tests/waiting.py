"""A device that can't be read: torch's meta device in the place of a GPU.

It has shapes and no values. What a turn on it reads, or copies from one device to the other, is what a turn on a GPU
would wait for; what it launches there are kernels.
"""

import traceback
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gen_models.core.batch import Batch
from gen_models.core.clock import Clock

META = torch.device("meta")
READS = {"_local_scalar_dense", "item", "is_nonzero", "nonzero", "equal", "unique_dim", "_unique2", "masked_select"}
FREE = {
    *("alias", "as_strided", "chunk", "detach", "diagonal", "empty", "empty_like", "empty_strided", "expand"),
    *("lift_fresh", "permute", "select", "slice", "split", "split_with_sizes", "squeeze", "t", "transpose"),
    *("_reshape_alias", "_unsafe_view", "unbind", "unfold", "unsqueeze", "view", "new_empty", "new_empty_strided"),
    *("is_same_size", "resize_"),
}
"""What launches nothing."""


def _place():
    """The line of this project that is being run."""
    own = [frame for frame in traceback.extract_stack() if "/gen_models/" in frame.filename]
    return f"{own[-1].filename.rpartition('/gen_models/')[2]}:{own[-1].lineno}" if own else "torch"


def _tensors(*trees):
    return [leaf for leaf in tree_leaves(trees) if isinstance(leaf, torch.Tensor)]


class Watch(TorchDispatchMode):
    """Notes in `waits` what is read from the meta device or copied to it, and counts the `kernels` launched there."""

    def __init__(self):
        super().__init__()
        self.waits, self.kernels = [], 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name.removeprefix("aten::")
        given = _tensors(args, kwargs)
        on_device = any(tensor.device == META for tensor in given)
        masks = [index for index in _tensors(args[1:]) if index.dtype in (torch.bool, torch.uint8)]
        if on_device and (name in READS or (name in ("index", "index_put_", "_index_put_impl_") and masks)):
            self.waits.append(f"{name} at {_place()}")
        result = func(*args, **(kwargs or {}))
        found = _tensors(result)
        self.kernels += name not in FREE and any(tensor.device == META for tensor in found)
        if name in ("_to_copy", "copy_") and len({tensor.device for tensor in given + found}) > 1:
            self.waits.append(f"{name} at {_place()}")
        return result


class Made(TorchFunctionMode):
    """Notes in `waits` the tensors made of Python's numbers on the meta device, which are copied to it."""

    def __init__(self):
        super().__init__()
        self.waits = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in (torch.tensor, torch.as_tensor) and str((kwargs or {}).get("device")).startswith("meta"):
            self.waits.append(f"{func.__name__} at {_place()}")
        return func(*args, **(kwargs or {}))


class Trainer(SimpleNamespace):
    """As much of a trainer as a turn looks at; its optimizers don't step."""

    def __init__(self, source):
        nothing = SimpleNamespace(increment_ready=lambda: None, increment_completed=lambda: None)
        manual = SimpleNamespace(optim_step_progress=nothing)
        super().__init__(
            datamodule=SimpleNamespace(source=source),
            fit_loop=SimpleNamespace(epoch_loop=SimpleNamespace(manual_optimization=manual)),
            log_every_n_steps=0,
            precision_plugin=SimpleNamespace(),
            strategy=SimpleNamespace(optimizer_step=lambda *_: None, model=None),
            world_size=1,
            global_rank=0,
        )


@contextmanager
def moved(model, source, monkeypatch):
    """Within, a model that is ready for its first turn lies on the meta device."""
    trainer = Trainer(source)
    kind = type(model)
    with monkeypatch.context() as patch:
        patch.setattr(kind, "trainer", trainer)
        patch.setattr(kind, "device", META)
        patch.setattr(kind, "global_rank", 0)
        patch.setattr(kind, "manual_backward", lambda self, loss: loss.backward())
        patch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # which knows no meta device
        patch.setattr(torch, "is_autocast_enabled", lambda *_: False)
        patch.setattr("gen_models.families.parts.balance.Readback", lambda values: torch.zeros(values.shape))
        model.to(META)
        for name, value in vars(model).items():
            if isinstance(value, torch.Tensor):
                setattr(model, name, value.to(META))
        trainer.optimizers = model.configure_optimizers()
        patch.setattr(kind, "get_ready", lambda *_: None)  # which it is
        model.on_fit_start()
        yield


def batch_on_device(x, y):
    """A batch as the loader's copy leaves it: bytes, of which some are to be mirrored."""
    batch = Batch(x, y, torch.arange(len(x)), mirrored=torch.ones(len(x), dtype=torch.bool) if x.ndim == 4 else None)
    return Batch(*(None if field is None else field.to(META) for field in batch))


def watched_turn(model, source, batch, monkeypatch):
    """Play a turn on the meta device in which all move; give what it waited for, and how many kernels it launched.

    It is the second: in the first, tables may be taken to the device.
    """
    watch, made = Watch(), Made()
    with moved(model, source, monkeypatch):
        model.clock = Clock(turn=10_000)
        model.training_step(batch, 0)
        model.clock = Clock(turn=10_000)
        with watch, made:
            model.training_step(batch, 0)
    return watch.waits + made.waits, watch.kernels
