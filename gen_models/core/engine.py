"""Training loop with several optimizers (manual optimization): players move in turns, counted by a clock.

A turn is one batch. Players move one after another; each sees everybody else frozen, draws random numbers keyed by
(seed, rank, turn, player), and steps an optimizer of its own. What is measured of Lightning here is written beside
the line that needs it; `tests/core/test_engine.py` pins it.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

import torch
from lightning import LightningModule, Trainer
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from gen_models.core.accumulation import warn_of_parts
from gen_models.core.average import Averaged, Averages, Averaging
from gen_models.core.batch import Batch
from gen_models.core.clock import Clock, is_time
from gen_models.core.exchange import GradientExchange, share
from gen_models.core.graphed import GraphedMove
from gen_models.core.graphs import Circumstances, CudaGraphs, GraphBackend
from gen_models.core.health import not_finite
from gen_models.core.meter import Meter
from gen_models.core.player import Noted, Player, frozen, parameters_of
from gen_models.core.schedules import Schedule
from gen_models.core.stream import BatchSize
from gen_models.core.targets import Target, attribute, options
from gen_models.core.training import MakeOptimizer
from gen_models.data.source import Source
from gen_models.errors import NumericalDeath, UsageError, nearest
from gen_models.randomness import isolated, reseed

UNCAPTURED = ("averaging.halflife", "averaging.ramp", "averaging.start", "averaging.std", "clip_norm")
"""Numbers of the model that are read outside of what is captured of a move."""


class Engine(LightningModule, ABC):
    """Training loop of every model: one optimizer a player, averages, schedules, clipping, checkpointed state.

    Args:
        optimizers: For each player the constructor of its optimizer, given the parameters.
        schedules: Numbers that change with the clock: `lr` of every player, `critic.lr` of one, `penalties.gp.weight`,
            … (see `gen_models.core.targets`).
        clip_norm: Largest norm of a player's gradient in a move; None leaves it alone.
        accumulate: Parts into which a batch is cut to save memory. The gradient is the same where the loss is a mean
            over samples and no layer looks at several (batch normalisation, minibatch deviation: a warning says so);
            noise is drawn for each part.
        average: Which networks keep averaged copies, and how slowly those follow.
        channels_last: Keep the weights of convolutions in the memory format that is fastest for images.
        compile: For each network (by attribute name) the arguments of `torch.compile`. A critic with a gradient
            penalty can't be compiled: torch has no double backward through it.
        graphs: Capture the losses and gradients of each player in CUDA graphs (`gen_models.core.graphed`).
        seed: Keys all random numbers of the training.
    """

    automatic_optimization = False

    def __init__(
        self,
        *,
        optimizers: Mapping[str, MakeOptimizer],
        schedules: Mapping[str, Schedule] | None = None,
        clip_norm: float | None = None,
        accumulate: int = 1,
        average: Averaged | None = None,
        channels_last: bool = True,
        compile: Mapping[str, Mapping[str, Any]] | None = None,  # noqa: A002 (torch's own word for it)
        graphs: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.clock = Clock()
        self.seed = seed
        self.clip_norm = clip_norm
        self.accumulate = accumulate
        self._constructors = optimizers
        self._schedules = dict(schedules or {})
        self.averaging = average
        self._channels_last = channels_last
        self._compile = compile or {}
        self._meter = Meter()
        self.backend: GraphBackend | None = CudaGraphs() if graphs else None
        self._graphed: list[GraphedMove] = []
        self._moving = ""
        self._terms: list[tuple[str, Tensor]] = []
        self._objectives: set[str] = set()
        self._reported: dict[str, float] = {}
        self._configured = False
        self._scheduled: list[tuple[Schedule, Target]] = []
        self._captured: dict[str, Any] | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, and the name of Lightning's present hook, sixty times a turn, without torch's search."""
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    @abstractmethod
    def players(self) -> tuple[Player, ...]:
        """Name the players, in the order of their moves."""

    # ---------------------------------------------------------------------------------------------- before the game

    def configure_model(self) -> None:
        """Set the memory format, make the averaged copies and compile, once the networks are there."""
        if self._configured:
            return
        self._configured = True
        players = [player.name for player in self.players()]
        for name in self._constructors:
            if name not in players:
                raise UsageError(f"the model has no player '{name}' to optimize: {nearest(name, players)}")
        if missing := set(players) - set(self._constructors):
            raise UsageError(f"no optimizer is given for {' and '.join(sorted(missing))}: add it to model.optimizers.")
        if self._channels_last:
            self.to(memory_format=torch.channels_last)
        averaging = self.averaging or Averaging([], halflife=1)
        self.averages = Averages({name: self.network(name) for name in averaging.networks}, averaging)
        for name, arguments in self._compile.items():
            self.network(name).compile(**arguments)
        found = {path: attribute(self, path) for path in self._schedules}
        self._attributes = {path: target for path, target in found.items() if target is not None}

    def configure_optimizers(self) -> list[Optimizer]:
        """Build one optimizer a player, in their order."""
        optimizers = [self._constructors[player.name](parameters_of(player.networks)) for player in self.players()]
        self._scheduled = list(self._targets({p.name: o for p, o in zip(self.players(), optimizers, strict=True)}))
        return optimizers

    def _targets(self, optimizers: Mapping[str, Optimizer]) -> Iterator[tuple[Schedule, Target]]:
        """What each schedule changes, while all of it is still as configured."""
        for path, schedule in self._schedules.items():
            held = self._attributes.get(path)
            targets = options(optimizers, path) if held is None else [held]
            if not targets:
                raise UsageError(
                    f"model.schedules has '{path}', which is neither an option of the optimizers (lr, "
                    f"{next(iter(optimizers))}.lr) nor a number of the model (penalties.gp.weight, averaging.halflife)."
                )
            yield from ((schedule, target) for target in targets)

    def check(self, trainer: Trainer) -> None:
        """Refuse, before any work, a training that CUDA graphs can't hold, where they are asked for."""
        if self.backend is None:
            return
        self.backend.check(trainer.strategy.root_device)
        decides = type(self).on_turn_start is not Engine.on_turn_start
        Circumstances(
            compiled=bool(self._compile),
            scaled=getattr(trainer.precision_plugin, "scaler", None) is not None,
            wrapped=trainer.strategy.model not in (None, self),
            deciding=[player.name for player in self.players() if decides and player.variant is None],
            scheduled=[path for path, target in self._attributes.items() if target.plain and path not in UNCAPTURED],
        ).check()

    def on_fit_start(self) -> None:
        """Get ready, then cache what each player's move freezes, and whose averages it updates."""
        self.get_ready(self.trainer.datamodule.source)
        self._items = len(self.trainer.datamodule.source.train)
        self._players = self.players()
        trained = {id(network) for player in self._players for network in player.networks}
        children = {name: child for name, child in self.named_children() if id(child) in trained}
        warn_of_parts(children, self.accumulate)
        trainable = [p for p in self.parameters() if p.requires_grad]
        own = [set(map(id, parameters_of(player.networks))) for player in self._players]
        self._others = [[p for p in trainable if id(p) not in ids] for ids in own]
        # A strategy that wraps the model averages gradients itself.
        several = self.trainer.world_size > 1 and self.trainer.strategy.model is self
        self._exchanges = [GradientExchange(parameters_of(p.networks)) for p in self._players] if several else []
        if self.backend is not None:
            self.check(self.trainer)
            works = [partial(self._gradients, position) for position, _ in enumerate(self._players)]
            moves = zip(self._players, works, strict=True)
            self._graphed = [GraphedMove(player, work, self, self.backend) for player, work in moves]
        averaged = {name: self.network(name) for name in self.averages.copies}
        self._averaged = [
            {name: network for name, network in averaged.items() if any(network is each for each in player.networks)}
            for player in self._players
        ]

    def on_train_start(self) -> None:
        """Restore optimizers, precision and callbacks; set Lightning's counters to `clock.turn`."""
        self._restore()
        epoch_loop = self.trainer.fit_loop.epoch_loop
        epoch_loop._batches_that_stepped = self.clock.turn
        self._steps.total.ready = self._steps.total.completed = self.clock.turn

    # ---------------------------------------------------------------------------------------------------- the game

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Play one turn: each player that is due moves on the same batch, one after another."""
        batch = batch.in_unit_range()
        if self._exchanges:
            share(list(self.buffers()))
        for schedule, target in self._scheduled:
            target.follow(schedule, self.clock.time(schedule.unit, self._items))
        self.on_turn_start()
        moved: dict[str, nn.Module] = {}
        for position, player in enumerate(self._players):
            if self.clock.due(player.name, player.every) and self._move(position, player, batch):
                self.clock.moved(player.name)
                moved |= self._averaged[position]
        self.clock.tick(len(batch.x) * self.trainer.world_size)
        for name, network in moved.items():
            self.averages.update(name, network, self.clock.images)
        # Lightning counts every optimizer's step; a run counts turns (issue 17958 there).
        self._steps.increment_ready()
        self._steps.increment_completed()
        if is_time(self.clock.turn, self.trainer.log_every_n_steps):
            self.report(self._row(), self._objectives)

    def get_ready(self, source: Source) -> None:
        """Call `prepare` under random numbers of its own: before a training, or a look at the untrained model."""
        with isolated(self.seed, "prepare"):
            self.prepare(source)

    def prepare(self, source: Source) -> None:
        """Look at the data, alike on all ranks, before the first turn of each process; at turn 0 a run begins."""

    def on_turn_start(self) -> None:
        """Change what the clock decides (growth) before any player moves."""

    @property
    def batch_size(self) -> BatchSize | None:
        """Images in a turn, over all ranks, by images seen; None leaves it to the data."""
        return None

    @property
    def objectives(self) -> frozenset[str]:
        """Names, as `player/term`, of the terms that the players have minimised."""
        return frozenset(self._objectives)

    def restart_optimizers(self) -> None:
        """Clear the state (moments) of every optimizer."""
        for optimizer in self.trainer.optimizers:
            optimizer.state.clear()

    def note(self, name: str, value: Tensor) -> None:
        """Log a scalar beside the moving player's losses, without adding it to the objective."""
        self._terms.append((f"{self._moving}/{name}", value.detach().float()))

    def _move(self, position: int, player: Player, batch: Batch) -> bool:
        """Step a player's optimizer; False if it passes (gives no losses): then it stays due in the next turn."""
        reseed(self.seed, self.global_rank, self.clock.turn, player.name)
        self._moving = player.name
        optimizer = self.trainer.optimizers[position]
        exchange = self._exchanges[position] if self._exchanges else None
        if self._graphed:
            moves, self._terms = self._graphed[position](batch)
            if moves and exchange:
                exchange.now()
        else:
            moves, self._terms = self._gradients(position, batch, exchange)
        if moves:
            if self._scaler and getattr(optimizer, "_step_supports_amp_scaling", False):
                self._scaler.unscale_(optimizer)  # Lightning leaves it to a fused optimizer's step: after clipping
            # The strategy's step unscales (16-bit) and calls `on_before_optimizer_step`, but does not count.
            self.trainer.strategy.optimizer_step(optimizer, _nothing, self)
            if player.after is not None:
                player.after()
        for name, value in self._terms:
            self._meter.add(name, value, self.clock.turn + 1)
        return moves

    def _gradients(self, position: int, batch: Batch, exchange: GradientExchange | None = None) -> Noted:
        """Leave the gradients of a player's losses in its parameters, averaged over ranks by an exchange."""
        player = self._players[position]
        self.trainer.optimizers[position].zero_grad()
        self._terms = []
        with frozen(self._others[position]):
            parts = list(player.parts(batch, self.accumulate))
            for number, part in enumerate(parts, start=1):
                losses = player.losses(part)
                for name, value in losses.items():
                    self._objectives.add(f"{player.name}/{name}")
                    self.note(name, value)
                if losses:
                    with exchange.during() if exchange and number == len(parts) else nullcontext():
                        self.manual_backward(torch.stack(list(losses.values())).sum() * (len(part.x) / len(batch.x)))
        return Noted(bool(losses), self._terms)

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        """Clip the gradient: only here are the gradients of 16-bit training unscaled."""
        if self.clip_norm is not None:
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            norm = clip_grad_norm_(parameters, self.clip_norm)
            # A 16-bit step that overflows is left out by the scaler.
            self.note("gradient_norm", norm.nan_to_num(0.0, posinf=0.0) if self._scaler else norm)

    @property
    def _scaler(self) -> GradScaler | None:
        return getattr(self.trainer.precision_plugin, "scaler", None)

    def report(self, values: Mapping[str, float], bar: Collection[str] = ()) -> None:
        """Log numbers in the row of the next turn that is logged, and show them to callbacks at once.

        Lightning's own `log` would lay them on the device, and look at each of them in every turn of its one epoch.

        Args:
            values: The numbers by name.
            bar: Names of those that a progress bar may show.
        """
        self._reported |= values
        self.trainer.callback_metrics.update({name: torch.tensor(value) for name, value in values.items()})
        self.trainer.progress_bar_metrics.update({name: values[name] for name in bar if name in values})

    @property
    def row(self) -> Mapping[str, float]:
        """What was reported since the last row, by name: of a player that did not move since, nothing."""
        return self._reported

    def on_train_batch_end(self, *_: Any) -> None:
        """Hand the row to the loggers, once callbacks have reported what they know of the turn."""
        if self._reported and is_time(self.clock.turn, self.trainer.log_every_n_steps):
            for logger in self.trainer.loggers:
                logger.log_metrics(self._reported, step=self.clock.turn)
                logger.save()
            self._reported = {}

    def _row(self) -> dict[str, float]:
        """Read what has gathered since the last row.

        Raises:
            NumericalDeath: It is no finite number; the sentence says where and when that began.
        """
        means = self._meter.read()
        if any(not math.isfinite(mean) for mean in means.values()):
            raise NumericalDeath(self._cause())
        options = {
            f"lr/{player.name}": optimizer.param_groups[0]["lr"]
            for player, optimizer in zip(self._players, self.trainer.optimizers, strict=True)
        }
        return means | options | {"images": float(self.clock.images)}

    def _cause(self) -> str:
        """Say which term was the first that is not finite, in which turn, and which tensors are not by now."""
        term, turn = min(self._meter.broken.items(), key=lambda pair: pair[1], default=("a term", self.clock.turn))
        tensors = not_finite(self.capture())
        now = f" By now neither is {tensors[0]}, nor {len(tensors) - 1} other tensors." if tensors else ""
        return f"{term} is not finite since turn {turn}.{now}"

    def on_train_end(self) -> None:
        """Log the turns behind the last row: a run need not end on a multiple of `log_every`."""
        every = self.trainer.log_every_n_steps
        if every and not is_time(self.clock.turn, every) and (row := self._reported | self._row()):
            for logger in self.trainer.loggers:
                logger.log_metrics(row, step=self.clock.turn)

    # ------------------------------------------------------------------------------------------------------- state

    def network(self, name: str) -> nn.Module:
        """Give the network of that attribute name."""
        networks = dict(self.named_children())
        if name not in networks:
            raise UsageError(f"the model has no network '{name}': {nearest(name, networks)}")
        return networks[name]

    def get_extra_state(self) -> dict[str, Any]:
        """The clock, for the checkpoint: plain integers that never were on the device."""
        return self.clock.state()

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Restore the clock."""
        self.clock = Clock(**state)

    def capture(self) -> dict[str, Any]:
        """Give the state that the rest of the run depends on, between two turns."""
        optimizers = zip(self._players, self.trainer.optimizers, strict=True)
        return {
            "model": self.state_dict(),
            "optimizers": {player.name: optimizer.state_dict() for player, optimizer in optimizers},
            "precision": self.trainer.precision_plugin.state_dict(),
            "callbacks": {callback.state_key: callback.state_dict() for callback in self.trainer.callbacks},
            "meter": self._meter.state(),
            "objectives": sorted(self._objectives),
        }

    def resume(self, captured: dict[str, Any]) -> None:
        """Load what `capture` gave: the networks now, the rest in `on_train_start`."""
        self.load_state_dict(captured["model"])
        self._captured = captured

    def _restore(self) -> None:
        if self._captured is None:
            return
        for player, optimizer in zip(self._players, self.trainer.optimizers, strict=True):
            optimizer.load_state_dict(self._captured["optimizers"][player.name])
        self.trainer.precision_plugin.load_state_dict(self._captured["precision"])
        for callback in self.trainer.callbacks:
            if state := self._captured["callbacks"].get(callback.state_key):
                callback.load_state_dict(state)
        self._meter.restore(self._captured.get("meter", {}))  # which earlier versions did not keep
        self._objectives |= set(self._captured.get("objectives", ()))
        self._captured = None

    @property
    def _steps(self) -> Any:
        return self.trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress


def _nothing() -> None:
    """The closure of an optimizer whose gradients are already there."""
