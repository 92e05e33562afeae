"""Hooks that Lightning asks every callback for in every turn, left to those who answer, and not timed unasked."""

from contextlib import AbstractContextManager, nullcontext

from lightning import Callback, Trainer
from lightning.pytorch.profilers import PassThroughProfiler

OF_A_TURN = (
    "on_train_batch_start",
    "on_before_zero_grad",
    "on_before_backward",
    "on_after_backward",
    "on_before_optimizer_step",
    "on_train_batch_end",
)


class Untimed(PassThroughProfiler):
    """Profiler where none is chosen: no generator is made around each of thirty hooks a turn."""

    nothing = nullcontext()

    def profile(self, action_name: str) -> AbstractContextManager[None]:  # type: ignore[override]
        """Give what does nothing, always the same."""
        return self.nothing


def lighten(trainer: Trainer) -> None:
    """Take out of turns what does nothing there: hooks that callbacks leave empty, and a profiler that nobody chose.

    Lightning calls, times and names whatever is callable, a hundred times a turn for nothing: a tenth of the turn of a
    small network.
    """
    for callback in trainer.callbacks:  # type: ignore[attr-defined]
        for hook in OF_A_TURN:
            if getattr(type(callback), hook) is getattr(Callback, hook):
                setattr(callback, hook, None)
    if type(trainer.profiler) is PassThroughProfiler:  # type: ignore[attr-defined]
        trainer.profiler = Untimed()  # type: ignore[attr-defined]
