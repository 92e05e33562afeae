"""TensorBoard as a dashboard that a run can do without."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

from gen_models.run.forgiving import Forgiving

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

Show = Callable[["SummaryWriter"], None]
"""Writes something to a board."""


class RunTensorBoard(TensorBoardLogger):
    """Lightning's TensorBoard logger, whose file may fail: what can't be written costs a warning, and not the run.

    Args:
        save_dir: Where the logs go.
        name: Folder in it, or none.
        version: Folder in that.
    """

    def __init__(self, save_dir: str, name: str = "", version: str = "tensorboard") -> None:
        super().__init__(save_dir, name=name, version=version)
        self._forgiving = Forgiving(f"the file of TensorBoard in {self.log_dir}")

    @property
    def experiment(self) -> Any:
        """The board, or one that nothing is drawn on where its file can't be opened: Lightning asks for it at once."""
        with self._forgiving.writing():
            return super().experiment
        return _Blank()

    @rank_zero_only
    def show(self, write: Show) -> None:
        """Let `write` draw on the board."""
        with self._forgiving.writing():
            try:
                write(self.experiment)
            except OSError:
                self._experiment = None  # the thread that writes has ended: the next figure opens another file
                raise

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Draw a point of each curve."""

        def draw(board: "SummaryWriter") -> None:
            for name, value in metrics.items():
                board.add_scalar(name, float(value), step)

        self.show(draw)

    @rank_zero_only
    def save(self) -> None:
        """Hand everything to the disk; the hyperparameters are in `config.yaml`."""
        self.show(lambda board: board.flush())

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Close the file; what is drawn later opens another."""
        if self._experiment is not None:
            self.show(lambda board: board.close())


class _Blank:
    """Takes everything that a board takes, and does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def shown(logger: TensorBoardLogger, write: Show) -> None:
    """Let `write` draw on a board: this project's, which forgives, or Lightning's, which a config may name."""
    if isinstance(logger, RunTensorBoard):
        logger.show(write)
    else:
        write(logger.experiment)
