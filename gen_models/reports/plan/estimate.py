"""Estimate of a whole training from single moves: how often who moves, at which sizes, and what stays in memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from lightning import Trainer
from omegaconf import DictConfig
from torch import nn
from torch._subclasses.fake_tensor import DataDependentOutputException

from gen_models.core.abilities.sampling import HasTwoStages
from gen_models.core.clock import Every
from gen_models.core.model import GenerativeModel
from gen_models.core.stream import BatchSize, size_of, turns_for
from gen_models.networks.gan.growing import Growing
from gen_models.randomness import isolated
from gen_models.reports.plan.exchange import Exchange, exchange_of
from gen_models.reports.plan.memory import Memory, memory_of
from gen_models.reports.plan.work import Work, batch, imagined, move
from gen_models.run.job_options import whole

POINTS = 24
"""Of a run at which networks that grow are looked at, and models that learn in two stages."""


class Point(NamedTuple):
    """Images in a turn, and the work of each player's move in it."""

    size: int
    work: Mapping[str, Work]


@dataclass(frozen=True)
class Estimate:
    """What a training takes.

    Attributes:
        turns: Batches.
        images: In all of them.
        passes: Through the training set.
        networks: Trainable parameters by network.
        moves: Of each player.
        work: Of a move of each player, on the average over the run; {} where moves can't be played without data.
        memory: At the end of the run, where networks that grow are largest.
        exchange: Between ranks, where there are several.
    """

    turns: int
    images: int
    passes: float
    networks: Mapping[str, int]
    moves: Mapping[str, int]
    work: Mapping[str, Work]
    memory: Memory
    exchange: Exchange

    @property
    def flops(self) -> float:
        """Arithmetic of the whole run."""
        return sum(self.moves[name] * work.flops for name, work in self.work.items())

    @property
    def kernels(self) -> float:
        """Kernels of the whole run."""
        return sum(self.moves[name] * work.kernels for name, work in self.work.items())

    @property
    def summed(self) -> float:
        """Bytes of gradients that are summed over ranks in a turn, on the average over the run."""
        return sum(self.moves[name] * size for name, size in self.exchange.gradients.items()) / max(self.turns, 1)


def estimate(model: GenerativeModel, cfg: DictConfig) -> Estimate:
    """Estimate what a training costs: operations, memory, and what ranks exchange.

    Args:
        model: Built on the meta device; it can't be used afterwards.
        cfg: What it was built from, with `spec`.

    Raises:
        UsageError: The budget is no whole number.
    """
    size = model.batch_size or cfg.data.batch_size
    turns = turns_for(whole(cfg, "images"), size) if cfg.images is not None else whole(cfg, "turns")
    images = whole(cfg, "images") if cfg.images is not None else turns * size_of(size, 0)
    networks = {name: _trainable(net) for name, net in model.named_children() if net is not model.averages}
    moves = {player.name: moves_in(turns, player.every) for player in model.players()}
    exchange = exchange_of(model)
    with imagined(model), isolated("plan"):
        work, memory = _played(model, cfg, images)
    networks = {name: count for name, count in networks.items() if count}
    return Estimate(turns, images, images / cfg.spec.num_train, networks, moves, work, memory, exchange)


def _played(model: GenerativeModel, cfg: DictConfig, images: int) -> tuple[dict[str, Work], Memory]:
    model.trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False)
    optimizers = model.trainer.strategy.optimizers = model.configure_optimizers()
    shape, size = list(cfg.spec.shape), model.batch_size or cfg.data.batch_size
    try:
        points = list(_points(model, shape, size, images))
    except (RuntimeError, AttributeError):  # values are asked for, or what `prepare` would have set
        return {}, memory_of(model, optimizers, None)
    work = {player.name: _mean(points, player.name) for player in model.players()}
    return work, memory_of(model, optimizers, max(each.activations for each in points[-1].work.values()))


def _points(model: GenerativeModel, shape: Sequence[int], size: BatchSize, images: int) -> Iterator[Point]:
    """Look at turns spread evenly over the images of a run that has stages; in any other one says all."""
    growing = [module for module in model.modules() if isinstance(module, Growing)]
    staged = isinstance(model, HasTwoStages)
    count = POINTS if growing or staged else 1
    known: dict[Any, Point] = {}
    for point in range(count):
        model.clock.images = images * (2 * point + 1) // (2 * count)
        with suppress(DataDependentOutputException):  # what values decide stays as it was built: a gate is open
            model.on_turn_start()
        stage = [(network.stage, network.fading) for network in growing], staged and model.drawing
        batch_size = size_of(size, model.clock.images)
        if (key := str((batch_size, stage))) not in known:
            whole = batch(shape, batch_size)
            known[key] = Point(batch_size, {player.name: move(model, player, whole) for player in model.players()})
        yield known[key]


def _mean(points: Sequence[Point], player: str) -> Work:
    """Give the work of a player's move on the average over turns: of small batches there are more."""
    turns = [1 / point.size for point in points]
    work = [point.work[player] for point in points]
    flops = sum(count * each.flops for count, each in zip(turns, work, strict=True)) / sum(turns)
    kernels = sum(count * each.kernels for count, each in zip(turns, work, strict=True)) / sum(turns)
    return Work(round(flops), round(kernels), max(each.activations for each in work))


def _trainable(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def moves_in(turns: int, every: Every) -> int:
    """Count a player's moves in so many turns."""
    if isinstance(every, int):
        return turns // every
    moves = last = 0
    while last + every(moves) <= turns:
        last, moves = last + every(moves), moves + 1
    return moves
