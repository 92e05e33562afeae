"""Train one model on one data set: compose, build, fit, test, and return the figure that a sweep is after."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path

os.environ.setdefault("HYDRA_FULL_ERROR", "1")

import hydra
from omegaconf import DictConfig

from gen_models.analysis.evaluate import figures_of, store
from gen_models.analysis.objective import chosen_objective
from gen_models.analysis.subject import PIXELS, Subject
from gen_models.data.arrays import Arrays
from gen_models.metrics.record import Record
from gen_models.reports.summary import report
from gen_models.run.announce import measuring, start_line, told
from gen_models.run.arguments import understood
from gen_models.run.blank import Blank
from gen_models.run.boundary import Task, boundary, job
from gen_models.run.build import build_data, build_metrics, build_model, build_stream, build_trainer
from gen_models.run.choices import check_choices, typed
from gen_models.run.conf import CONF
from gen_models.run.devices import check_trainer
from gen_models.run.directory import finished, occupied, restore, resume
from gen_models.run.loggers import finish, log_records
from gen_models.run.outcome import conclude
from gen_models.run.plugins import searching_plugins
from gen_models.run.sweeps import objective, searching


def train(cfg: DictConfig) -> float | None:
    """Run one job in its run directory, say what came of it, and give the figure that a sweep is after."""
    records = carry_out(cfg, say=told)
    report(Path(cfg.paths.run), records)
    return objective(cfg, records)


def carry_out(
    cfg: DictConfig, arrays: Arrays | None = None, say: Callable[[str], object] = lambda line: None
) -> list[Record]:
    """Train and measure one job in its run directory, unless it has nothing left to do there.

    Args:
        cfg: The job; what the data decide is filled in.
        arrays: The items of `data=array`, where they are in memory.
        say: Is given the line about what begins; by default nobody is told.
    """
    run = Path(cfg.paths.run)
    check_choices(cfg, typed())
    check_trainer(cfg.trainer)
    records = finished(run, cfg)
    if records is not None:
        return records
    data = build_data(cfg, arrays)
    scorer = build_metrics(cfg)
    model = build_model(cfg)
    stream = build_stream(cfg, data, model)
    cfg.objective = chosen_objective(cfg.objective, Subject(model, data, scorer or PIXELS), required=searching())
    with occupied(run):
        resume(run, cfg, model)
        trainer = build_trainer(cfg, data)
        say(start_line(cfg, model, trainer))
        try:
            trainer.fit(model, datamodule=stream)
            with measuring():
                records = figures_of(Subject(model, data, scorer or PIXELS, untrained=Blank(cfg)))
            log_records(trainer.loggers, records)
        finally:
            restore(run, cfg)
            finish(trainer.loggers)
        store(records, run, model.clock.turn)
        conclude(run, cfg, model.clock.turn, stream.turns.total, records)
    return records


def main(arguments: Sequence[str] | None = None) -> None:
    """Compose a job, or the jobs of a sweep, from the command line, and run it: `train.py`, and `gen-models train`.

    Args:
        arguments: What was typed behind the command; all that the process was given by default.
    """
    typed = sys.argv
    with boundary():
        options = searching_plugins(understood(typed[1:] if arguments is None else arguments))
        sys.argv = [typed[0], *options]
        hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")(job(_repeatable(train, typed)))()


def _repeatable(task: Task, typed: list[str]) -> Task:
    """Give the process its own command line back, once Hydra has read its part of it.

    Lightning repeats it to start a process for each further device.
    """

    @wraps(task)
    def restored(cfg: DictConfig) -> float | None:
        sys.argv = typed
        return task(cfg)

    return restored
