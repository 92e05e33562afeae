"""What every dashboard is shown: the configuration, pictures, films, histograms, sounds, and the last figures.

None of it is worth a run: a disk that is full costs a warning.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lightning.pytorch.loggers import Logger, TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from gen_models.metrics.record import Record
from gen_models.run.forgiving import forgiven
from gen_models.run.tensorboard_logger import Show, shown
from gen_models.run.wandb_logger import RunWandb

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


def is_dashboard(kind: type) -> bool:
    """Whether loggers of a kind can be shown more than numbers."""
    return issubclass(kind, TensorBoardLogger | RunWandb)


def dashboards(loggers: Iterable[Logger]) -> bool:
    """Whether more than numbers can be shown."""
    return any(is_dashboard(type(logger)) for logger in loggers)


@rank_zero_only
def log_config(loggers: Iterable[Logger], cfg: DictConfig) -> None:
    """Show what the run was asked for: as text, or as the columns by which wandb compares runs."""
    text = f"```\n{OmegaConf.to_yaml(cfg, resolve=True)}```"
    options = cast(dict[str, Any], OmegaConf.to_container(cfg, resolve=True))
    _show(loggers, lambda board: board.add_text("config", text), lambda wandb: wandb.log_hyperparams(options))


@rank_zero_only
def log_picture(loggers: Iterable[Logger], name: str, picture: Tensor, turn: int) -> None:
    """Show a (3, H, W) uint8 picture on every dashboard that has a place for it."""

    def on_wandb(wandb: RunWandb) -> None:
        wandb.log_image(name, [picture.permute(1, 2, 0).numpy()], step=turn)

    _show(loggers, lambda board: board.add_image(name, picture, turn), on_wandb)


@rank_zero_only
def log_film(loggers: Iterable[Logger], name: str, sheet: Tensor, path: Path, turn: int) -> None:
    """Show the film of the GIF file `path`, or its contact sheet (3, H, W), on every dashboard."""

    def on_wandb(wandb: RunWandb) -> None:
        wandb.log_video(name, [str(path)], step=turn, format=["gif"])

    # TensorBoard's films would need a package that makes films.
    _show(loggers, lambda board: board.add_image(name, sheet, turn), on_wandb)


@rank_zero_only
def log_histograms(loggers: Iterable[Logger], values: Mapping[str, Tensor], turn: int) -> None:
    """Show how the finite numbers, at most a million evenly picked ones, of tensors of any shapes are distributed."""
    picked = {name: value.flatten()[:: -(-value.numel() // 1_000_000)] for name, value in values.items()}
    finite = {name: value[value.isfinite()].float().cpu().numpy() for name, value in picked.items()}
    named = {f"histograms/{name}": numbers for name, numbers in finite.items() if len(numbers)}

    def on_tensorboard(board: "SummaryWriter") -> None:
        for name, numbers in named.items():
            board.add_histogram(name, numbers, turn)

    _show(loggers, on_tensorboard, lambda wandb: wandb.log_histograms(named, turn))


@rank_zero_only
def log_sound(loggers: Iterable[Logger], name: str, samples: Tensor, rate: int, path: Path, turn: int) -> None:
    """Play samples (T,) in [-1, 1], which are also those of the file `path`, on every dashboard that can."""

    def on_wandb(wandb: RunWandb) -> None:
        from wandb import Audio

        # Given samples, or a list as `log_audio` does, wandb would need a package that reads and writes sounds.
        wandb.log_metrics({name: Audio(str(path))}, turn)  # type: ignore[dict-item]

    _show(loggers, lambda board: board.add_audio(name, samples, turn, rate), on_wandb)


@rank_zero_only
def log_records(loggers: Iterable[Logger], records: Sequence[Record]) -> None:
    """Show the figures that a run ended with as a table, with their bounds and protocols."""
    columns = ["figure", "value", "error", "real", "untrained", "chance", "protocol", "remark"]
    lines: list[list[object]] = [
        [r.label, r.value, r.error, r.real, r.untrained, r.chance, json.dumps(dict(r.protocol)), r.remark]
        for r in records
    ]
    cells: list[Sequence[object]] = [columns, ["---"] * len(columns), *lines]
    table = "\n".join(f"| {' | '.join(map(str, line))} |" for line in cells)

    def on_wandb(wandb: RunWandb) -> None:
        wandb.log_table("figures", columns, lines)
        wandb.summarise({record.key: record.value for record in records if record.value is not None})

    if lines:
        _show(loggers, lambda board: board.add_text("figures", table), on_wandb)


@rank_zero_only
def finish(loggers: Iterable[Logger]) -> None:
    """Close every dashboard: the next job of a sweep in this process would else write into this one's."""
    _show(loggers, lambda board: board.close(), lambda wandb: wandb.finish())


def _show(loggers: Iterable[Logger], on_tensorboard: Show, on_wandb: Callable[[RunWandb], None]) -> None:
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            shown(logger, on_tensorboard)
        elif isinstance(logger, RunWandb):
            with forgiven("the file of wandb"):
                on_wandb(logger)
