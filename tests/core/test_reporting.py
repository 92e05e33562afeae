"""Rows of what is logged: one a logging turn, of the losses and of what callbacks report."""

import pytest
from lightning import Callback
from lightning.pytorch.loggers.logger import DummyLogger

from gen_models.run.build import build_data, build_model, build_stream, build_trainer


class Kept(DummyLogger):
    """Keeps the rows."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def log_metrics(self, metrics, step):
        self.rows.append((step, dict(metrics)))


class Reporter(Callback):
    """Reports in one turn, which is not logged, and looks at what callbacks are shown."""

    def __init__(self, measures_after):
        self.seen = []
        self.measures_after = measures_after

    def on_train_batch_end(self, trainer, model, *_):
        if model.clock.turn == 3:
            model.report({"mine": 3.0}, bar=["mine"])
        if model.clock.turn == self.measures_after:
            model.report_now({"figure": 0.5})
            assert trainer.callback_metrics["figure"] == 0.5
        self.seen.append(("mine" in trainer.callback_metrics, "mine" in trainer.progress_bar_metrics))


@pytest.fixture
def played(compose_job):
    def play(turns, measures_after=None):
        cfg = compose_job("model=sngan", "network=mlp", f"turns={turns}", "data.batch_size=16", "callbacks=none")
        data = build_data(cfg)
        model, trainer = build_model(cfg), build_trainer(cfg, data)
        trainer.callbacks.append(reporter := Reporter(measures_after))
        trainer.loggers = [kept := Kept()]
        trainer.fit(model, datamodule=build_stream(cfg, data, model))
        return trainer, reporter, kept

    return play


def test_what_a_callback_reports_stands_once_in_the_next_row(played):
    trainer, reporter, kept = played(6)
    assert [step for step, _ in kept.rows] == [2, 4, 6]
    assert [row.get("mine") for _, row in kept.rows] == [None, 3.0, None]
    assert kept.rows[1][1]["images"] == 64
    assert {"critic/adversarial", "generator/adversarial", "lr/critic"} <= kept.rows[2][1].keys()
    assert reporter.seen == [(False, False)] * 2 + [(True, True)] * 4
    assert {"critic/adversarial", "mine"} <= trainer.progress_bar_metrics.keys()
    assert "lr/critic" not in trainer.progress_bar_metrics


def test_what_is_reported_behind_the_last_logging_turn_stands_in_the_row_of_the_end(played):
    _, _, kept = played(3)
    assert [(step, row.get("mine")) for step, row in kept.rows] == [(2, None), (3, 3.0)]


def test_what_was_measured_of_a_turn_stands_beside_that_turn(played):
    _, _, kept = played(4, measures_after=3)
    assert [step for step, _ in kept.rows] == [2, 3, 4]
    assert kept.rows[1] == (3, {"figure": 0.5, "images": 48})
    assert "figure" not in kept.rows[2][1]
