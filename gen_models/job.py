"""Train one model on one data set: build, fit, test, and return the figure that a sweep is after."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lightning import Trainer
from lightning.pytorch.utilities import rank_zero_warn
from omegaconf import DictConfig

from gen_models.analysis.evaluate import figures_of, store
from gen_models.analysis.objective import check_direction, check_given, check_split, chosen_objective, peeks
from gen_models.analysis.subject import PIXELS, Subject
from gen_models.callbacks.first_samples import Trial
from gen_models.callbacks.idle import check_idle, check_options
from gen_models.callbacks.quality import last_evaluation
from gen_models.callbacks.stability import watches
from gen_models.core.accumulation import check_parts
from gen_models.core.stream import Stream, size_of
from gen_models.data.arrays import Arrays
from gen_models.data.contrast import faintness
from gen_models.metrics.figure import figures_from
from gen_models.reports.summary import report
from gen_models.run.announce import PEEKING, measuring, saying_how_to_go_on, start_line, told
from gen_models.run.beginning import Beginning
from gen_models.run.build import build_data, build_metrics, build_model, build_stream, build_trainer, open_loggers
from gen_models.run.choices import check_unread, typed
from gen_models.run.class_counts import check_class_counts
from gen_models.run.cluster import restarted
from gen_models.run.devices import check_trainer
from gen_models.run.directory import finished, occupied, resume
from gen_models.run.job_options import check_own
from gen_models.run.loggers import finish, log_records
from gen_models.run.outcome import Outcome, conclude
from gen_models.run.plugins import allowed, named_in
from gen_models.run.sweeps import objective, searching
from gen_models.run.untrained import Blank


def train(cfg: DictConfig) -> float | None:
    """Run one job in its run directory, say what came of it, and give the figure that a sweep is after."""
    outcome = carry_out(cfg, say=told)
    report(Path(cfg.paths.run), outcome.records)
    return objective(cfg, outcome)


def carry_out(
    cfg: DictConfig, arrays: Arrays | None = None, say: Callable[[str], object] = lambda line: None
) -> Outcome:
    """Train and measure one job in its run directory, unless it has nothing left to do there.

    Args:
        cfg: The job; what the data decide is filled in.
        arrays: The items of `data=array`, where they are in memory.
        say: Is given lines about what begins; by default nobody is told.
    """
    run = Path(cfg.paths.run)
    _check_asked(cfg)
    if cfg.resume == "never" and restarted(run):
        cfg.resume = "auto"
        say("This job has begun the run anew before it was put back into the queue: now the run goes on.")
    ended = finished(run, cfg)
    if ended is not None:
        return ended
    with figures_from(allowed(cfg.get("plugins") or ())):
        return _made(cfg, arrays, say)


def check_begins(cfg: DictConfig) -> None:
    """Refuse a job that could not begin on this machine, as it would be when it does.

    Args:
        cfg: The job; what the data decide is filled in.

    Raises:
        UsageError: The first reason.
    """
    _check_asked(cfg)
    with figures_from(allowed(cfg.get("plugins") or ())):
        _built(cfg)


def check_builds(cfg: DictConfig) -> None:
    """Refuse a job whose model can't be built for its data, wherever it will train; data that are not here say nothing.

    Args:
        cfg: The job; what the data decide is filled in.

    Raises:
        UsageError: The first reason.
    """
    try:
        build_data(cfg)
    except Exception:
        return
    build_model(cfg)


def check_objective(cfg: DictConfig, direction: str) -> None:
    """Refuse a search by a figure that its first job, this one, would not give, or upside down, or of the test items.

    What can't be built is no matter of the figure: the job says so itself, and the search goes on.

    Args:
        cfg: The job; what the data decide is filled in.
        direction: Whether the search wants it small or large, `minimize` or `maximize`.

    Raises:
        UsageError: The figure is none of the job's, is worse that way, or would be taken of items to report on.
    """
    with figures_from(allowed(cfg.get("plugins") or ())):
        try:
            data, scorer = build_data(cfg), build_metrics(cfg)
            subject = Subject(build_model(cfg), data, scorer or PIXELS)
        except Exception:
            return
        chosen = chosen_objective(cfg.objective, subject, required=True)
        assert chosen is not None  # it was required
        check_direction(chosen, direction, subject)
        check_split(chosen, subject)


def _check_asked(cfg: DictConfig) -> None:
    """Refuse options of the job itself, and a trainer that could not train here."""
    check_own(cfg)
    check_trainer(cfg.get("trainer"), cfg.log_every)


def _made(cfg: DictConfig, arrays: Arrays | None, say: Callable[[str], object]) -> Outcome:
    """Build everything, so that all that can be refused is refused; then train, and keep what came of it."""
    run = Path(cfg.paths.run)
    trainer, subject, stream = _built(cfg, arrays)
    if faint := faintness(subject.source):  # which looks at items: data that are drawn are drawn now
        rank_zero_warn(faint)
    with occupied(run):
        outcome = _played(cfg, trainer, subject, stream, say)
        store(outcome.records, run, subject.model.clock.turn)
        conclude(run, cfg, subject.model.clock.turn, stream.turns.total, outcome)
    return outcome


def _built(cfg: DictConfig, arrays: Arrays | None = None) -> tuple[Trainer, Subject, Stream]:
    """Build everything, and refuse all that can be refused."""
    data = build_data(cfg, arrays)
    check_unread(data, typed())
    scorer = build_metrics(cfg)
    model = build_model(cfg)
    check_class_counts(cfg, model)
    stream = build_stream(cfg, data, model)
    subject = Subject(model, data, scorer or PIXELS)
    _settle_objective(cfg, subject)
    check_idle(cfg, subject, typed())
    trainer = build_trainer(cfg, data)
    check_options(cfg, trainer, subject, stream.turns.total, typed())
    check_parts(model.accumulate, size_of(stream.turns.batch_size, 0) // trainer.world_size)
    if named_in(cfg):
        trainer.callbacks.append(Trial())  # type: ignore[attr-defined]
    model.check(trainer)
    model.configure_optimizers()  # on trial: Lightning asks for them when the run has begun
    return trainer, subject, stream


def _settle_objective(cfg: DictConfig, subject: Subject) -> None:
    """Fill in the figure that the run goes by, and refuse others of callbacks' own that are never taken."""
    cfg.objective = chosen_objective(cfg.objective, subject, required=searching())
    for name, node in (cfg.get("callbacks") or {}).items():
        monitor = node.get("monitor") if isinstance(node, DictConfig) else None
        if monitor not in (None, cfg.objective):
            check_given(f"callbacks.{name}.monitor", monitor, subject)
    if searching():
        check_split(cfg.objective, subject)


def _gone_by(objective: str | None, trainer: Trainer, subject: Subject) -> float | None:
    """The figure that the run goes by after its last turn, on validation items, as it was taken or taken now."""
    if objective is None:
        return None
    evaluation = last_evaluation(trainer, subject.model)
    records = figures_of(replace(subject, wanted="validation")) if evaluation is None else evaluation.records
    return {record.key: record.value for record in records}.get(objective)


def _played(
    cfg: DictConfig, trainer: Trainer, subject: Subject, stream: Stream, say: Callable[[str], object]
) -> Outcome:
    """Play the turns that are left, and measure what has come of them."""
    run, model = Path(cfg.paths.run), subject.model
    begun = resume(run, cfg, model, stream.turns.total, subject.source)
    trainer.callbacks.append(beginning := Beginning(run, cfg, begun))  # type: ignore[attr-defined]
    beginning.make_way()
    try:
        open_loggers(cfg, trainer)
        say(start_line(cfg, model, trainer))
        if peeks(cfg.objective, subject):
            say(PEEKING)
        trainer.fit(model, datamodule=stream)
        beginning.note()
        with measuring(), saying_how_to_go_on(run, say):
            records = figures_of(replace(subject, untrained=Blank(cfg)))
            outcome = Outcome(records, _gone_by(cfg.objective, trainer, subject))
        log_records(trainer.loggers, records)
        for watch in watches(trainer):
            watch.conclude(trainer, model, records)
    finally:
        beginning.restore()
        finish(trainer.loggers)
    return outcome
