"""A watch over the ways in which adversarial trainings go wrong, often long after they have gone well."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lightning import Callback, Trainer
from lightning.pytorch.utilities import rank_zero_warn
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

from gen_models.callbacks.alarms import Collapsed, History, Jumped, Rule, Turned, Won
from gen_models.callbacks.quality import evaluation_of
from gen_models.callbacks.readings import deviation, draw, singular_values
from gen_models.core.clock import is_time
from gen_models.core.meter import Meter
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError


class StabilityWatch(Callback):
    """Looks every `every` turns, logs what it sees as `watch/…`, and says in one sentence what has happened.

    An alarm is raised once, and again only after a look at which all was well. It is a warning, a line of
    `events.jsonl` (which names the turn, the signal, its value and the sentence), and with `stop` the end of the run
    after this turn.

    Args:
        folder: The run directory, where `events.jsonl` goes.
        every: Turns between two looks: a multiple of those between two loggings.
        warmup: Looks without judgement of what is young: losses, samples, and medians.
        vanished: Terms of players' losses (`critic/adversarial`) and the mean that means that the player has won.
            Terms that the model does not have are passed over.
        n: Samples that are compared with as many items of the data; 0 compares none.
        variation: Smallest share of the data's deviation per pixel that samples should have.
        singular_values: How many times its running median a layer's largest singular value may be (Brock et al. 2019,
            section 4.1: those of the generator explode as training collapses).
        gradients: How many times its running median a player's gradient may be, or the median be of it.
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
        every: int = 50,
        warmup: int = 10,
        vanished: Mapping[str, float] | None = None,
        n: int = 64,
        variation: float = 0.1,
        singular_values: float = 3.0,
        gradients: float = 30.0,
        monitor: str | None = None,
        margin: float = 0.5,
        patience: int = 3,
        stop: bool = False,
    ) -> None:
        self.events = Path(folder) / "events.jsonl"
        self.every = every
        self.warmup = warmup
        self.vanished = vanished or {}
        self.n = n
        self.monitor = monitor
        self.stop = stop
        self._turned = Turned(False, margin, patience)
        self._rules: dict[str, Rule] = {
            "loss": Won(self.vanished),
            "variation": Collapsed(variation),
            "singular_value": Jumped("the largest singular value of", singular_values),
            "gradient": Jumped("the gradient of the", gradients, both=True),
        }
        self._histories: dict[str, History] = {}
        self._raised: list[str] = []
        self._norms = Meter()
        self._deviation = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Measure the data, and forget events of turns that are about to be played again."""
        if self.every % trainer.log_every_n_steps:
            raise UsageError(
                f"the watch can't look every {self.every} turns at losses that are logged every "
                f"{trainer.log_every_n_steps}: choose a multiple."
            )
        if self.n:
            self._deviation = float(deviation(draw(trainer.datamodule.source.train, self.n)))
        if trainer.is_global_zero and self.events.exists():
            lines = self.events.read_text().splitlines(keepends=True)
            whole = [line for line in lines if line.endswith("\n")]  # the last one may be of a dying machine
            self.events.write_text("".join(x for x in whole if json.loads(x)["turn"] <= pl_module.clock.turn))

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: GenerativeModel, optimizer: Optimizer) -> None:
        """Note the gradient's norm on the device, before clipping."""
        player = pl_module.players()[trainer.optimizers.index(optimizer)]
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        # A 16-bit step that overflowed is left out by the scaler and is no explosion.
        self._norms.add(player.name, get_total_norm(gradients).nan_to_num(0.0, posinf=0.0))

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Look if it is time to; every rank does, since all of them hold the same weights."""
        turn = pl_module.clock.turn
        seen: dict[str, float] = {}
        if is_time(turn, self.every):
            measured = self._measure(pl_module)
            pl_module.log_dict({f"watch/{signal}": torch.tensor(value) for signal, value in measured.items()})
            terms = trainer.callback_metrics
            seen = measured | {f"loss/{term}": float(terms[term]) for term in self.vanished if term in terms}
        seen |= self._monitored(trainer, pl_module)
        alarms = [self._judge(trainer, turn, signal, value) for signal, value in seen.items()]
        # The ranks' sums may differ in the last digit, and none may end alone.
        if seen and self.stop and trainer.strategy.reduce_boolean_decision(any(alarms), all=False):
            trainer.should_stop = True

    def state_dict(self) -> dict[str, Any]:
        """What was seen and said, for the checkpoint."""
        up = self._turned.higher_is_better
        seen = {"histories": dict(self._histories), "raised": list(self._raised), "higher_is_better": up}
        return seen | {"norms": self._norms.state()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on watching where the checkpoint was written."""
        self._histories, self._raised = dict(state_dict["histories"]), list(state_dict["raised"])
        self._turned = replace(self._turned, higher_is_better=state_dict.get("higher_is_better", False))
        self._norms.restore(state_dict.get("norms", {}))

    def _monitored(self, trainer: Trainer, model: GenerativeModel) -> dict[str, float]:
        """The monitored figure, if it was taken after this turn; it says itself which way is up."""
        evaluation = evaluation_of(trainer, model) if self.monitor is not None else None
        record = evaluation.record(self.monitor or "") if evaluation is not None else None
        if record is None or record.value is None:
            return {}
        self._turned = replace(self._turned, higher_is_better=record.higher_is_better)
        return {f"figure/{record.key}": record.value}

    def _measure(self, model: GenerativeModel) -> dict[str, float]:
        measured = {f"gradient/{player}": norm for player, norm in self._norms.read().items()}
        measured |= {f"singular_value/{layer}": value for layer, value in singular_values(model).items()}
        if self.n and self._deviation:
            with model.evaluating("stability"):
                measured["variation"] = float(deviation(model.sample(self.n))) / self._deviation
        return measured

    def _judge(self, trainer: Trainer, turn: int, signal: str, value: float) -> bool:
        """Remember the value, and raise an alarm if the rule finds one that is new."""
        kind, _, name = signal.partition("/")
        rule: Rule = self._turned if kind == "figure" else self._rules[kind]
        history = [*self._histories.get(signal, ()), (turn, value)]
        self._histories[signal] = history[-max(rule.memory, self.warmup + 1) :] if rule.memory else history
        young = rule.memory is not None and len(history) <= self.warmup
        message = None if young else rule(name, history)
        if message is None:
            self._raised = [other for other in self._raised if other != signal]
        if message is None or signal in self._raised:
            return False
        self._raised.append(signal)
        self._tell(trainer, {"turn": turn, "signal": signal, "value": value, "message": message + self._advice()})
        return True

    def _advice(self) -> str:
        figures = self._histories.get(f"figure/{self.monitor}")
        if not figures:
            return ""
        turn, _ = self._turned.best(figures)
        return f"; the best is of turn {turn:,}: gen-models sample {self.events.parent} --checkpoint best"

    def _tell(self, trainer: Trainer, event: dict[str, Any]) -> None:
        rank_zero_warn(f"turn {event['turn']:,}: {event['message']}")
        if trainer.is_global_zero:
            self.events.parent.mkdir(parents=True, exist_ok=True)
            with self.events.open("a") as file:
                file.write(json.dumps(event) + "\n")
