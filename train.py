"""Train one model on one data set: compose, build, fit, test, and return the figure that a sweep is after."""

import os
import sys
from pathlib import Path

os.environ.setdefault("HYDRA_FULL_ERROR", "1")

import hydra
from omegaconf import DictConfig

from gen_models.analysis.evaluate import evaluate, store
from gen_models.boundary import boundary, home_expanded
from gen_models.core.build import build_data, build_metrics, build_model, build_stream, build_trainer
from gen_models.core.run import occupied, resume
from gen_models.loggers import finish
from gen_models.report import report


def train(cfg: DictConfig) -> float | None:
    """Run one job in its run directory."""
    run = Path(cfg.paths.run)
    data = build_data(cfg)
    scorer = build_metrics(cfg)
    model = build_model(cfg)
    stream = build_stream(cfg, data, model)
    with occupied(run):
        resume(run, cfg, model)
        trainer = build_trainer(cfg, data)
        try:
            trainer.fit(model, datamodule=stream)
        finally:
            finish(trainer.loggers)
        records = evaluate(model, data, scorer, untrained=lambda: build_model(cfg))
        store(records, run, model.clock.turn)
    report(run, records)
    return {record.key: record.value for record in records}.get(cfg.objective)


if __name__ == "__main__":
    sys.argv = home_expanded(sys.argv)
    with boundary():  # around Hydra; the one around the job keeps Hydra from adding words of its own
        hydra.main(version_base="1.3", config_path="conf", config_name="train")(boundary()(train))()
