"""TensorBoard's events, which a full disk may cost, and not the run."""

from collections.abc import Callable
from typing import Any

from lightning.fabric.loggers.logger import rank_zero_experiment
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_warn
from torch.utils.tensorboard import SummaryWriter


class _Forgiving:
    """A writer whose calls warn, once, where they can't write.

    TensorBoard writes in a thread that ends with its first error and hands that to each later call.

    Args:
        writer: The writer.
    """

    def __init__(self, writer: SummaryWriter) -> None:
        self._writer = writer
        self._told = False

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._writer, name)
        return self._forgiven(value) if callable(value) else value

    def _forgiven(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def forgiven(*args: Any, **options: Any) -> Any:
            try:
                return call(*args, **options)
            except OSError as error:
                if not self._told:
                    rank_zero_warn(f"TensorBoard is told no more by this process ({error}); the training goes on.")
                self._told = True

        return forgiven


class RunTensorBoard(TensorBoardLogger):
    """Lightning's logger for TensorBoard, of a run that goes on when its events can't be written."""

    _forgiving: _Forgiving | None = None

    @property
    @rank_zero_experiment
    def experiment(self) -> Any:
        """The writer, made when it is first asked for."""
        if self._forgiving is None:
            self._forgiving = _Forgiving(super().experiment)
        return self._forgiving
