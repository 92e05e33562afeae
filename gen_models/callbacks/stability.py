"""A watch over the ways in which trainings go wrong, often long after they have gone well."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from lightning import Callback, Trainer
from lightning.pytorch.utilities import rank_zero_warn
from torch.optim import Optimizer

from gen_models.analysis.subject import Subject
from gen_models.bounds import AtLeast, Natural, Positive
from gen_models.callbacks.alarms import REPEATED, Collapsed, Jumped, Rule, Still, Turned, Won, disappointment
from gen_models.callbacks.gauges import Gauges
from gen_models.callbacks.grids import sample_grids
from gen_models.callbacks.judgement import Judgement
from gen_models.callbacks.objectives import chosen, objectives
from gen_models.callbacks.quality import evaluation_of, untaken
from gen_models.callbacks.statistics import Spread
from gen_models.core.clock import is_time
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.metrics.record import Record
from gen_models.run.events import Event, forget_after, note, standing
from gen_models.run.forgiving import forgiven

UNTRAINED = "untrained"
"""The signal of a run that ends no better than it began."""
LOOKS = ("warmup", "vanished", "n", "singular_values", "gradients")
"""Options of the looks at losses."""
GRIDS = 4
"""Sample grids without judgement: a generator that learns slowly is not collapsed."""


class StabilityWatch(Callback):
    """Looks at the losses every `every` turns, and at samples, and says in one sentence what has gone wrong.

    What is in the log anyway is judged: losses, samples of the grids, figures. Gradients and singular values, of which
    the first are read in every turn, are looked at where a bound is given. What is measured for the watch alone is
    logged as `watch/…`. An alarm is raised once, and again only after a look at which all was well. It is a warning, a
    line of `events.jsonl` (run/events.py), and with `stop` the end of the run after this turn.

    Args:
        folder: The run directory, where `events.jsonl` goes.
        every: Turns between two looks: a multiple of those between two loggings.
        warmup: Looks without judgement of what is young: losses, medians, and samples of its own.
        vanished: Terms of players' losses (`critic/adversarial`, or a pattern of such) and the mean that, at as many
            looks in a row as `warmup`, means that the player has won. Terms that the model lacks are passed over.
        n: Samples that are drawn at each look and compared with as many items of the data; 0 takes those of the
            sample grids, when they are drawn: the first 4 without judgement, that of the end always.
        variation: Smallest share of the data's deviation per pixel that samples should have; half of it at an end
            within the first 4 grids.
        distance: The same of the distance from a sample to the nearest other one: k glyphs that are drawn again and
            again may vary as data do, and lie near each other.
        singular_values: How many times its running median a layer's largest singular value may be (Brock et al. 2019,
            section 4.1: those of the generator explode as training collapses); None looks at none.
        gradients: How many times its running median a player's gradient may be, or the median be of it; None looks at
            none.
        monitor: Figure that should not turn; None watches none.
        margin: How much worse than the best is too much, as a share of the best.
        patience: Evaluations in a row that are too much worse.
        stop: End the run at an alarm; the same command continues it.

    Raises:
        UsageError: Losses are not logged when the watch looks.
    """

    def __init__(
        self,
        folder: str,
        every: Natural = 50,
        warmup: Natural = 10,
        vanished: Mapping[str, float] | None = None,
        n: Natural = 0,
        variation: Annotated[float, AtLeast(0)] = 0.1,
        distance: Annotated[float, AtLeast(0)] = 0.45,
        singular_values: Annotated[float | None, AtLeast(1)] = None,
        gradients: Annotated[float | None, AtLeast(1)] = None,
        monitor: str | None = None,
        margin: Annotated[float, AtLeast(0)] = 0.5,
        patience: Positive = 3,
        stop: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self.every = every
        self.monitor = monitor
        self.stop = stop
        rules: dict[str, Rule] = {
            "loss": Won(vanished or {}, warmup),
            "objective": Still(max(2, warmup)),
            "variation": Collapsed(variation, 0 if n else GRIDS),
            "distance": Collapsed(distance, 0 if n else GRIDS, REPEATED),
            "singular_value": Jumped("the largest singular value of", singular_values or 0),
            "gradient": Jumped("the gradient of the", gradients or 0, both=True),
            "figure": Turned(False, margin, patience),
        }
        self._judgement = Judgement(rules, warmup, {"figure": 0} | ({} if n else dict.fromkeys(Spread._fields, GRIDS)))
        self._gauges = Gauges(n, singular_values=singular_values is not None, gradients=gradients is not None)

    def unread(self, trainer: Trainer, subject: Subject, turns: int) -> Mapping[str, str]:
        """Options of looks that it does not take: at losses, at samples, at a figure."""
        untold = untaken(trainer) or ("" if self.monitor else "it goes by no figure (callbacks.watch.monitor)")
        unread = dict.fromkeys(("margin", "patience"), untold) | {"monitor": untaken(trainer)}
        looks = 0 < self.every <= turns
        if not looks:
            within = f" within {turns:,} turns" if self.every else ""
            idle = f"callbacks.watch.every={self.every} looks at no losses{within}, and draws nothing of its own"
            unread |= dict.fromkeys(LOOKS if not self.every else (*LOOKS, "every"), idle)
        if not (self._gauges.n and looks) and not any(grids.every for grids in sample_grids(trainer)):
            unread |= dict.fromkeys(Spread._fields, "no samples are drawn to look at")
        return {name: reason for name, reason in unread.items() if reason}

    def on_train_start(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Measure the data, and forget events of turns that are about to be played again."""
        if self.every % trainer.log_every_n_steps:
            raise UsageError(
                f"the watch can't look every {self.every} turns at losses that are logged every "
                f"{trainer.log_every_n_steps}: choose a multiple."
            )
        self._gauges.look_at(trainer.datamodule.source)
        if trainer.is_global_zero:
            with forgiven(str(self.folder)):
                forget_after(self.folder, pl_module.clock.turn)

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: GenerativeModel, optimizer: Optimizer) -> None:
        """Note the gradient, before clipping."""
        if self._gauges.gradients:
            self._gauges.note_gradient(pl_module.players()[trainer.optimizers.index(optimizer)].name, optimizer)

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Look if it is time to; every rank does, since all of them hold the same weights."""
        turn = pl_module.clock.turn
        looking, drawn = is_time(turn, self.every), any(is_time(turn, grids.every) for grids in sample_grids(trainer))
        measured: dict[str, float] = {}
        seen: dict[str, float] = {}
        if looking:
            measured = self._gauges.measured(pl_module)
            losses = chosen(pl_module.row, pl_module.objectives)
            seen = objectives(losses) | {f"loss/{term}": value for term, value in losses.items()}
        if drawn:
            measured |= self._gauges.shown(trainer, pl_module)
        if measured:
            pl_module.report({f"watch/{signal}": value for signal, value in measured.items()})
        seen |= measured | self._monitored(trainer, pl_module)
        alarms = self._judge(trainer, turn, seen)
        # The ranks' sums may differ in the last digit, the first alone shows samples, and none may end alone.
        if self.stop and (seen or drawn) and trainer.strategy.reduce_boolean_decision(alarms, all=False):
            trainer.should_stop = True

    def on_train_end(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Look at the samples of the end."""
        self._judge(trainer, pl_module.clock.turn, self._gauges.shown(trainer, pl_module, last=True), last=True)

    def conclude(self, trainer: Trainer, model: GenerativeModel, records: Sequence[Record]) -> None:
        """Look at the figures of the end, beside which stands what the untrained model scores."""
        message = disappointment(records)
        if message is not None:
            self._tell(trainer, Event(model.clock.turn, UNTRAINED, message))
        elif any(event.signal == UNTRAINED for event in standing(self.folder)):
            self._tell(trainer, Event(model.clock.turn, UNTRAINED, f"{UNTRAINED} no more", over=True))

    def state_dict(self) -> dict[str, Any]:
        """What was seen and said, for the checkpoint."""
        seen = self._judgement.state() | {"higher_is_better": self._turned.higher_is_better}
        return seen | {"norms": self._gauges.state()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on watching where the checkpoint was written."""
        self._judgement.restore(state_dict)
        self._turn(state_dict.get("higher_is_better", False))
        self._gauges.restore(state_dict.get("norms", {}))

    def _monitored(self, trainer: Trainer, model: GenerativeModel) -> dict[str, float]:
        """The monitored figure, if it was taken after this turn; it says itself which way is up."""
        evaluation = evaluation_of(trainer, model) if self.monitor is not None else None
        record = evaluation.record(self.monitor or "") if evaluation is not None else None
        if record is None or record.value is None:
            return {}
        self._turn(record.higher_is_better)
        return {f"figure/{record.key}": record.value}

    @property
    def _turned(self) -> Turned:
        """The rule of the monitored figure."""
        rule = self._judgement.rules["figure"]
        assert isinstance(rule, Turned)
        return rule

    def _turn(self, up: bool) -> None:
        self._judgement.rules["figure"] = replace(self._turned, higher_is_better=up)

    def _apart(self, seen: Mapping[str, float]) -> Iterator[tuple[str, float]]:
        """Give signals one after another; samples that are all alike lie near each other, which is no second alarm."""
        for signal, value in seen.items():
            if signal != "distance" or not self._judgement.raised("variation"):
                yield signal, value

    def _judge(self, trainer: Trainer, turn: int, seen: Mapping[str, float], *, last: bool = False) -> bool:
        """Look at signals, and say what is new; whether one of them is an alarm."""
        looks = [self._judgement.look(turn, signal, value, last=last) for signal, value in self._apart(seen)]
        events = [event for event in looks if event is not None]
        for event in events:
            self._tell(trainer, event)
        return any(not event.over for event in events)

    def _advice(self, now: int) -> str:
        """Where a better state than that of this turn lies, as half a sentence; "" where there is none."""
        figures = self._judgement.history(f"figure/{self.monitor}")
        turn = self._turned.best(figures)[0] if figures else now
        if turn == now:
            return ""
        return f"; the best is of turn {turn:,}: gen-models sample {self.folder} --checkpoint best"

    def _tell(self, trainer: Trainer, event: Event) -> None:
        """Warn of an alarm, and note it, or its end."""
        if not event.over:
            event = replace(event, message=event.message + self._advice(event.turn))
            rank_zero_warn(str(event))
        if trainer.is_global_zero:
            with forgiven(str(self.folder)):
                note(self.folder, event)


def watches(trainer: Trainer) -> list[StabilityWatch]:
    """The callbacks that watch."""
    return [callback for callback in trainer.callbacks if isinstance(callback, StabilityWatch)]
