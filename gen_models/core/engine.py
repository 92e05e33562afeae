"""Training loop with several optimizers (manual optimization): players move in turns, counted by a clock.

A turn is one batch. Players move one after another; each sees everybody else frozen, draws random numbers keyed by
(seed, rank, turn, player), and steps an optimizer of its own. What is measured of Lightning here is written beside
the line that needs it; `tests/core/test_engine.py` pins it.
"""

from collections.abc import Collection, Mapping
from typing import Any

import torch
from lightning import Trainer
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from gen_models.bounds import Positive
from gen_models.core.accumulation import warn_of_parts
from gen_models.core.average import Averaged, Averages, Averaging
from gen_models.core.batch import Batch
from gen_models.core.clock import is_time
from gen_models.core.contract import check_players
from gen_models.core.counters import count_turn, start_at
from gen_models.core.exchange import share
from gen_models.core.graphs import Circumstances, CudaGraphs, GraphBackend
from gen_models.core.journal import Journal
from gen_models.core.move import Move, moves_of
from gen_models.core.network_tensors import SharedBuffers
from gen_models.core.player import check_optimizers, compile_network, made_for
from gen_models.core.precision import scaler_of
from gen_models.core.scheduler import Scheduler
from gen_models.core.schedules import Schedule
from gen_models.core.trainable import Trainable
from gen_models.core.training import ClipNorm, MakeOptimizer
from gen_models.core.training_state import restore_training_state, training_state
from gen_models.randomness import reseed

UNCAPTURED = ("averaging.halflife", "averaging.ramp", "averaging.start", "averaging.std", "clip_norm")
"""Numbers of the model that are read outside of what is captured of a move."""


class Engine(Trainable):
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
        channels_last: Keep images and the weights of convolutions in this memory format, the fastest for most networks.
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
        clip_norm: ClipNorm = None,
        accumulate: Positive = 1,
        average: Averaged | None = None,
        channels_last: bool = True,
        compile: Mapping[str, Mapping[str, Any]] | None = None,  # noqa: A002 (torch's own word for it)
        graphs: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__(seed)
        self.clip_norm = clip_norm
        self.accumulate = accumulate
        self._constructors = optimizers
        self._schedules = dict(schedules or {})
        self.averaging = average
        self._channels_last = channels_last
        self._compile = compile or {}
        self.backend: GraphBackend | None = CudaGraphs() if graphs else None
        self._journal = Journal()
        self._configured = False
        self._captured: dict[str, Any] | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, and the name of Lightning's present hook, sixty times a turn, without torch's search."""
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    # ---------------------------------------------------------------------------------------------- before the game

    def configure_model(self) -> None:
        """Set the memory format, make the averaged copies and compile, once the networks are there."""
        if self._configured:
            return
        self._configured = True
        check_players(self, players := self.players())
        check_optimizers([player.name for player in players], list(self._constructors))
        if self._channels_last:
            self.to(memory_format=torch.channels_last)
        averaging = self.averaging or Averaging([], halflife=1)
        self.averages = Averages({name: self.network(name) for name in averaging.networks}, averaging)
        for name, arguments in self._compile.items():
            compile_network(name, self.network(name), arguments)
        for part in self.modules():
            if isinstance(part, Engine):  # a model within this one, whose losses a player of this one minimises
                part._journal = self._journal
        self._scheduler = Scheduler(self, self._schedules)

    def configure_optimizers(self) -> list[Optimizer]:
        """Build one optimizer a player, in their order.

        Raises:
            UsageError: One does not take its numbers.
        """
        made = {player.name: made_for(player, self._constructors[player.name]) for player in self.players()}
        self._scheduler.attach(made)
        return list(made.values())

    def check(self, trainer: Trainer) -> None:
        """Refuse, before any work, a training that CUDA graphs can't hold, where they are asked for."""
        if self.backend is None:
            return
        self.backend.check(trainer.strategy.root_device)
        decides = type(self).on_turn_start is not Engine.on_turn_start
        Circumstances(
            compiled=bool(self._compile),
            scaled=scaler_of(trainer) is not None,
            wrapped=trainer.strategy.model not in (None, self),
            deciding=[player.name for player in self.players() if decides and player.variant is None],
            scheduled=[path for path in self._scheduler.plain if path not in UNCAPTURED],
        ).check()

    def on_fit_start(self) -> None:
        """Get ready, then put together what each player's move takes."""
        self.get_ready(self.trainer.datamodule.source)
        self._items = len(self.trainer.datamodule.source.train)
        self._players = self.players()
        trained = {id(network) for player in self._players for network in player.networks}
        children = {name: child for name, child in self.named_children() if id(child) in trained}
        warn_of_parts(children, self.accumulate)
        self.check(self.trainer)
        # A strategy that wraps the model averages gradients itself.
        self._several = self.trainer.world_size > 1 and self.trainer.strategy.model is self
        self._shared = SharedBuffers(self, self.averages.copies.values())
        self._moves = moves_of(
            self,
            self._players,
            self.trainer.optimizers,
            averages=list(self.averages.copies),
            journal=self._journal,
            backward=self.manual_backward,
            accumulate=self.accumulate,
            several=self._several,
            backend=self.backend,
            made=lambda player: self.clock.made(player),  # of whichever clock the model has by then
        )

    def on_train_start(self) -> None:
        """Restore optimizers, precision and callbacks; set Lightning's counters to `clock.turn`."""
        self._restore()
        start_at(self.trainer, self.clock.turn)

    # ---------------------------------------------------------------------------------------------------- the game

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Play one turn: each player that is due moves on the same batch, one after another."""
        batch = batch.in_unit_range() if self._channels_last else batch.by_channels().in_unit_range()
        if self._several:
            share(self._shared.tensors())
        self._scheduler.step(self.clock, self._items)
        self.on_turn_start()
        moved: dict[str, nn.Module] = {}
        for move in self._moves:
            if self.clock.due(move.player.name, move.player.every) and self._make(move, batch):
                self._regularise(move, batch)
                self.clock.moved(move.player.name)
                moved |= move.averaged
        self.clock.tick(len(batch.x) * self.trainer.world_size)
        for name, network in moved.items():
            self.averages.update(name, network, self.clock.images)
        count_turn(self.trainer)
        if is_time(self.clock.turn, self.trainer.log_every_n_steps):
            self.report(self._row(), self.objectives)

    @property
    def objectives(self) -> frozenset[str]:
        """Names, as `player/term`, of the terms that the players have minimised."""
        return frozenset(self._journal.objectives)

    def restart_optimizers(self) -> None:
        """Clear the state (moments) of every optimizer."""
        for optimizer in self.trainer.optimizers:
            optimizer.state.clear()

    def note(self, name: str, value: Tensor) -> None:
        """Log a scalar beside the moving player's losses, without adding it to the objective."""
        self._journal.note(name, value)

    def _regularise(self, move: Move, batch: Batch) -> None:
        """Step a player's optimizer once more, for the lazy terms that come with the move that it has just made."""
        lazy = move.player.lazy
        if move.lazy is not None and lazy is not None and lazy.due(self.clock.made(move.player.name)):
            self._make(move.lazy, batch, "lazy")

    def _make(self, move: Move, batch: Batch, *step: str) -> bool:
        """Step a player's optimizer; False if it passes (gives no losses): then it stays due in the next turn."""
        reseed(self.seed, self.global_rank, self.clock.turn, move.player.name, *step)
        if moves := move(batch):
            scaler = scaler_of(self.trainer)
            if scaler and getattr(move.optimizer, "_step_supports_amp_scaling", False):
                scaler.unscale_(move.optimizer)  # Lightning leaves it to a fused optimizer: after clipping
            # The strategy's step unscales (16-bit) and calls `on_before_optimizer_step`, but does not count.
            self.trainer.strategy.optimizer_step(move.optimizer, _nothing, self)
            if move.player.after is not None:
                move.player.after()
        self._journal.end(self.clock.turn + 1)
        return moves

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        """Clip the gradient: only here are the gradients of 16-bit training unscaled."""
        if self.clip_norm is not None:
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            norm = clip_grad_norm_(parameters, self.clip_norm)
            # A 16-bit step that overflows is left out by the scaler.
            self.note("gradient_norm", norm.nan_to_num(0.0, posinf=0.0) if scaler_of(self.trainer) else norm)

    def report(self, values: Mapping[str, float], bar: Collection[str] = ()) -> None:
        """Log numbers in the row of the next turn that is logged, and show them to callbacks at once.

        Lightning's own `log` would lay them on the device, and look at each of them in every turn of its one epoch.

        Args:
            values: The numbers by name.
            bar: Names of those that a progress bar may show.
        """
        self._journal.report(self.trainer, values, bar)

    def report_now(self, values: Mapping[str, float]) -> None:
        """Log numbers as those of the present turn, whenever the next row comes, and show them to callbacks.

        For what was measured of the model as it is: in `report` it would stand beside a later turn.
        """
        self._journal.report_now(self.trainer, values, self.clock.turn, self.clock.images)

    @property
    def row(self) -> Mapping[str, float]:
        """What was reported since the last row, by name: of a player that did not move since, nothing."""
        return self._journal.row

    def on_train_batch_end(self, *_: Any) -> None:
        """Hand the row to the loggers, once callbacks have reported what they know of the turn."""
        if self.row and is_time(self.clock.turn, self.trainer.log_every_n_steps):
            self._journal.hand_over(self.trainer, self.clock.turn)

    def _row(self) -> dict[str, float]:
        """Read what has gathered since the last row, and the rates."""
        means = self._journal.means(self.clock.turn, self.capture)
        rates = {f"lr/{move.player.name}": move.optimizer.param_groups[0]["lr"] for move in self._moves}
        return means | rates | {"images": float(self.clock.images)}

    def on_train_end(self) -> None:
        """Log the turns behind the last row: a run need not end on a multiple of `log_every`."""
        every = self.trainer.log_every_n_steps
        if every and not is_time(self.clock.turn, every):
            self._journal.row |= self._row()
            self._journal.hand_over(self.trainer, self.clock.turn)

    # ------------------------------------------------------------------------------------------------------- state

    def capture(self) -> dict[str, Any]:
        """Give the state that the rest of the run depends on, between two turns."""
        beside = training_state(self.trainer, self._players)
        return {"model": self.state_dict(), **beside, **self._journal.state()}

    def resume(self, captured: dict[str, Any]) -> None:
        """Load what `capture` gave: the networks now, the rest in `on_train_start`."""
        self.load_state_dict(captured["model"])
        self._captured = captured

    def _restore(self) -> None:
        if self._captured is None:
            return
        restore_training_state(self.trainer, self._players, self._captured)
        self._journal.restore(self._captured)
        self._captured = None


def _nothing() -> None:
    """The closure of an optimizer whose gradients are already there."""
