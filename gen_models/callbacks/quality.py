"""Figures of merit during the training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from lightning import Callback, Trainer

from gen_models.analysis.effort import affordable
from gen_models.analysis.evaluate import figures_of
from gen_models.analysis.figures import usual
from gen_models.analysis.objective import given
from gen_models.analysis.subject import PIXELS, Subject
from gen_models.bounds import AtLeast, Natural
from gen_models.callbacks.progress import doing
from gen_models.core.clock import is_time
from gen_models.core.model import GenerativeModel
from gen_models.metrics.record import Record
from gen_models.metrics.scorer import Scorer


@dataclass(frozen=True)
class Evaluation:
    """The figures that were taken after a turn."""

    turn: int
    records: Sequence[Record]

    def record(self, key: str) -> Record | None:
        """The record that loggers know by this name."""
        return next((record for record in self.records if record.key == key), None)


class Quality(Callback):
    """Evaluates the model every `every` turns and at the end, on validation items where the data have such.

    The figures are logged; a run that the watch ends early is not evaluated in its last turn.

    Other callbacks ask for them by `evaluation_of`. Whoever asks first lets them be taken, so that nothing depends on
    the order in which callbacks stand.

    Args:
        scorer: What is measured; None measures only what needs no extractor.
        every: Turns between two evaluations; 0 takes none.
        held_out: The most held-out items that likelihoods, reconstructions and guesses of classes are measured on;
            None takes all, as `gen-models evaluate` does. A model that iterates is asked about fewer.

    Attributes:
        latest: The evaluation that was taken last.
        busy: Whether one is being taken; it stays so where that was interrupted.
        beforehand: Called first; a run that was asked to end leaves here.
    """

    def __init__(
        self,
        scorer: Scorer | None = None,
        every: Natural = 1000,
        held_out: Annotated[int | None, AtLeast(1)] = 1000,
    ) -> None:
        self.scorer = scorer
        self.every = every
        self.held_out = held_out
        self.latest: Evaluation | None = None
        self.busy = False
        self._silent = False
        self.beforehand: Callable[[], None] = lambda: None

    @classmethod
    def lacking(cls, subject: Subject, *, dashboards: bool) -> str:
        """Need something that can be measured."""
        return "" if given(subject) else "metrics (metrics=…), since this model alone gives no figure"

    def unread(self, trainer: Trainer, subject: Subject, turns: int) -> Mapping[str, str]:
        """The number of held-out items, where nothing is asked of any."""
        with subject.model.evaluating("objective"):
            if any("held_out" in figure.reads for figure in usual(subject)):
                return {}
        return {"held_out": "no figure of this model looks at held-out items"}

    def on_train_start(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Find out whether there is anything to measure."""
        self._silent = not given(self._subject(trainer, pl_module))

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Evaluate if it is time to."""
        self.evaluation(trainer, pl_module)

    def evaluation(self, trainer: Trainer, model: GenerativeModel) -> Evaluation | None:
        """The evaluation after the present turn, taken now unless it was; None if this turn has none."""
        turn = model.clock.turn
        if self.latest is not None and self.latest.turn == turn:
            return self.latest
        if not self.due(trainer, turn):
            return None
        self.busy = True
        self.beforehand()
        with doing(trainer, "Measuring"):
            self.latest = self.measured(trainer, model)
        self.busy = False
        model.report_now({r.key: r.value for r in self.latest.records if r.value is not None})
        return self.latest

    def due(self, trainer: Trainer, turn: int) -> bool:
        """Whether figures are taken after a turn: it is time to, or it is the last of the run."""
        last = self.every > 0 and turn == trainer.datamodule.turns.total
        return not self._silent and (last or is_time(turn, self.every))

    def measured(self, trainer: Trainer, model: GenerativeModel) -> Evaluation:
        """Evaluate now, and log nothing."""
        most = None if self.held_out is None else affordable(model, self.held_out)
        subject = replace(self._subject(trainer, model), held_out=most, wanted="validation")
        return Evaluation(model.clock.turn, figures_of(subject))

    def _subject(self, trainer: Trainer, model: GenerativeModel) -> Subject:
        return Subject(model, trainer.datamodule.source, self.scorer or PIXELS)


def evaluation_of(trainer: Trainer, model: GenerativeModel) -> Evaluation | None:
    """The evaluation after the present turn; None if this turn has none, or nobody takes figures."""
    found = takers(trainer)
    return found[0].evaluation(trainer, model) if found else None


def last_evaluation(trainer: Trainer, model: GenerativeModel) -> Evaluation | None:
    """The evaluation after the last turn, if it has one: a process that has played none takes it again, unlogged."""
    found, turn = takers(trainer), model.clock.turn
    if not found or not found[0].due(trainer, turn):
        return None
    latest = found[0].latest
    return latest if latest is not None and latest.turn == turn else found[0].measured(trainer, model)


def evaluation_due(trainer: Trainer, turn: int) -> bool:
    """Whether figures are taken after a turn."""
    return any(taker.due(trainer, turn) for taker in takers(trainer))


def untaken(trainer: Trainer) -> str:
    """Why no figure is taken between two turns, as a half sentence; "" where some are."""
    some = any(taker.every for taker in takers(trainer))
    return "" if some else "no figure is taken between turns (callbacks.quality.every)"


def takers(trainer: Trainer) -> list[Quality]:
    """The callbacks that take figures."""
    return [callback for callback in trainer.callbacks if isinstance(callback, Quality)]
