"""Asking from Python: figures of a run, a board of several, and what there is to train."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from omegaconf import DictConfig

from gen_models.analysis.evaluate import EvaluationOptions, evaluate_run
from gen_models.analysis.figures import check_names
from gen_models.api.composing import sentences
from gen_models.api.given import held
from gen_models.api.handle import Run
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.metrics.figure import figures_from
from gen_models.metrics.record import Record
from gen_models.reports.board import Board
from gen_models.reports.finished import comparable
from gen_models.reports.grouping import board
from gen_models.reports.tables import markdown
from gen_models.run.build import data_of_run
from gen_models.run.plugins import allowed

if TYPE_CHECKING:
    from gen_models.reports.catalogue import Entry


@dataclass(frozen=True)
class Comparison:
    """A board of runs: a row for each recipe over its seeds, the best of the first figure first.

    Attributes:
        board: The table with all that is known of its cells.
    """

    board: Board

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The means as plain rows, such as a data frame is made of."""
        return [
            {
                "recipe": row.name,
                "seeds": len(row.runs),
                **{column.label: cell.mean for column, cell in row.cells.items()},
            }
            for row in self.board.rows
        ]

    def __repr__(self) -> str:
        return markdown(self.board)

    def _repr_markdown_(self) -> str:
        return markdown(self.board)


def evaluate(
    run: Run | str | Path,
    metrics: str | Sequence[str] | None = None,
    *,
    n: int | None = None,
    n_real: int | None = None,
    reference: str | None = None,
    metric: Sequence[str] = (),
    figures: Sequence[str] = (),
    draws: int = 1,
    held_out: int | None = None,
    split: Literal["test", "validation"] = "test",
    data: Any = None,
) -> list[Record]:
    """Take every figure that the model's abilities allow, and store them beside the run, as `gen-models evaluate` does.

    Args:
        run: A run, or its directory.
        metrics: A file of `conf/metrics`, such as `lite0`, or several, whose judges all see the same samples; None
            takes the run's own.
        n: Samples to judge; None takes as many as the metrics say.
        n_real: Real items that samples are compared with; None takes as many as the metrics say.
        reference: Their split, `test` or `train`; None takes that of the metrics.
        metric: Those of the metrics to take, such as `fid`; none given takes the metrics' own.
        figures: Slower ones to take besides, such as `memorisation`, or `all`.
        draws: Draws for each held-out item where a likelihood is only bounded.
        held_out: The most held-out items for likelihood, reconstruction and classification; None takes all.
        split: The held-out items to look at: those to report on, or those to choose by.
        data: The arrays that the run was trained on, where it was trained on such.

    Raises:
        UsageError: A figure can't be taken, or the data are not at hand.
    """
    run = _opened(run)
    with sentences(), figures_from(allowed(run.plugins)):
        check_names(figures, metric)
        cfg = run.config.copy()
        cfg.plugins = list(allowed(run.plugins))
        source = _source(cfg, data)
        judges = (metrics,) if isinstance(metrics, str) else tuple(metrics or ())
        asked = EvaluationOptions(judges, n, metric, figures, draws, held_out, n_real, reference, split)
        return evaluate_run(run.path, cfg, run.model, source, asked, averaged=run.averaged)[0]


def compare(runs: Sequence[Run | str | Path], figures: Sequence[str] = ()) -> Comparison:
    """Set the stored figures of runs side by side, as `gen-models compare` does.

    Args:
        runs: Runs, or their directories, of one data set.
        figures: Keys of those to show, such as `kid`, the first of which ranks; all by default.

    Raises:
        UsageError: One is not trained, they are of different data, or none has such a figure.
    """
    if isinstance(runs, str | Path | Run) or not runs:
        raise UsageError("compare takes a list of runs: compare([run, other]).")
    read = comparable([run.path if isinstance(run, Run) else Path(run) for run in runs])
    return Comparison(board(read, figures))


def models() -> "list[Entry]":
    """List the models that can be trained, each with its title, what it is for, and its paper."""
    from gen_models.reports.catalogue import catalogue

    return catalogue("model")


def _opened(run: Run | str | Path) -> Run:
    return run if isinstance(run, Run) else Run(run)


def _source(cfg: DictConfig, data: Any) -> Source:
    if data is not None and cfg.data._target_ != "gen_models.data.Array":
        raise UsageError("this run has its data by itself: leave data= out.")
    return data_of_run(cfg, None if data is None else held(data, cfg.data.get("channels", "auto")))
