"""Where figures go, also over restarts and sweeps."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gen_models.run.csv_logger import RunCSV
from tests.conftest import CONF
from tests.helpers import rows


def test_a_new_name_adds_a_column_to_the_whole_file(tmp_path):
    logger = RunCSV(str(tmp_path / "metrics.csv"))
    logger.log_metrics({"loss": 1.0}, step=1)
    logger.log_metrics({"loss": 0.5, "kid": 3.0}, step=2)
    assert rows(tmp_path / "metrics.csv") == [
        {"turn": "1", "loss": "1", "kid": ""},
        {"turn": "2", "loss": "0.5", "kid": "3"},
    ]


def test_a_restart_plays_its_rows_again_and_keeps_the_others(tmp_path):
    for steps in ([1, 2, 3], [3, 4]):
        logger = RunCSV(str(tmp_path / "metrics.csv"))
        for step in steps:
            logger.log_metrics({"loss": step * len(steps)}, step=step)
    assert [(row["turn"], row["loss"]) for row in rows(tmp_path / "metrics.csv")] == [
        *(("1", "3"), ("2", "6")),
        *(("3", "6"), ("4", "8")),
    ]


@pytest.mark.slow
def test_a_sweep_makes_separate_runs_each_with_its_own_wandb_run(tmp_path):
    options = "model=sngan,vae data=digits network=mlp seed=1,2 turns=4 log_every=2 metrics=none logger=wandb".split()
    options += ["callbacks.quality.every=0"]
    command = [sys.executable, "train.py", "-m", *options, f"paths.runs={tmp_path}", "trainer=cpu"]
    done = subprocess.run(command, cwd=CONF.parent, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    runs = [path.parent for path in tmp_path.rglob("config.yaml") if path.parent.name != ".hydra"]
    assert len(runs) == 4
    assert len({(run / "wandb_id").read_text() for run in runs}) == 4
    for run in runs:
        assert [row["turn"] for row in rows(run / "metrics.csv")] == ["2", "4"]
        assert len(list((run / "wandb").glob("offline-run-*"))) == 1
    read_back(next(run for run in runs if "model=vae" in str(run) and "seed=2" in str(run)))


def read_back(run):
    command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", next((run / "wandb").glob("offline-run-*"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    told = next(record["run"] for record in records if record["type"] == "run")
    assert told["run_group"] == "sweep"
    assert told["display_name"].startswith("vae-digits ")
    assert "seed=2" in told["display_name"]
    assert told["tags"] == ["vae", "digits"]
    rows = [record["history"]["item"] for record in records if record["type"] == "history"]
    losses = [row for row in rows if "vae/rate" in row]
    assert [(row["trainer/global_step"], row["images"]) for row in losses] == [(2, 128), (4, 256)]
    assert all(row["_runtime"] > 0 for row in losses)
    assert any(row.get("samples._type") == "images/separated" for row in rows)
    assert any(row.get("histograms/codes._type") == "histogram" for row in rows)
    (table,) = (run / "wandb").rglob("figures*.table.json")
    assert "PSNR of reconstructions" in [row[0] for row in json.loads(table.read_text())["data"]]
    config = [record["config"]["update"] for record in records if record["type"] == "config"]
    assert any(update.get("model", {}).get("latent_dim") == 32 for update in config)


@pytest.mark.slow
def test_tensorboard_is_shown_everything(run_job):
    run = run_job("model=draw", "turns=4", "logger=tensorboard", "callbacks.films.every=2", "callbacks.latents.every=2")
    shown = EventAccumulator(str(run / "tensorboard")).Reload()
    assert [event.step for event in shown.Scalars("draw/rate")] == [2, 4]
    assert {event.step: event.value for event in shown.Scalars("images")} == {2: 2 * 64, 4: 4 * 64}
    tags = shown.Tags()
    assert {"samples", "reconstructions", "films", "latents"} <= set(tags["images"])
    assert {"histograms/values/data", "histograms/values/samples", "histograms/codes"} <= set(tags["histograms"])
    assert {"config/text_summary", "figures/text_summary"} <= set(tags["tensors"])


def raising(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def told(warnings, word):
    return [str(warning.message) for warning in warnings if word in str(warning.message)]


def test_a_full_disk_costs_rows_and_one_warning(tmp_path, monkeypatch, recwarn):
    """A row is written whole or not at all, and a new column never costs the rows that are there."""
    logger = RunCSV(str(tmp_path / "metrics.csv"))
    logger.log_metrics({"loss": 1.0}, step=1)
    with monkeypatch.context() as full:
        full.setattr("gen_models.run.csv_logger.RunCSV._append", raising)
        full.setattr("gen_models.run.csv_logger.write_text", raising)
        logger.log_metrics({"loss": 0.5}, step=2)
        logger.log_metrics({"loss": 0.4, "kid": 1.0}, step=3)
    assert told(recwarn, "metrics.csv") == [
        "metrics.csv can't be written (No space left on device): the run goes on without it."
    ]
    logger.log_metrics({"loss": 0.3, "kid": 2.0}, step=4)
    assert rows(tmp_path / "metrics.csv") == [
        {"turn": "1", "loss": "1", "kid": ""},
        {"turn": "4", "loss": "0.3", "kid": "2"},
    ]


def test_a_deleted_file_of_figures_is_made_anew(tmp_path):
    logger = RunCSV(str(tmp_path / "metrics.csv"))
    logger.log_metrics({"loss": 1.0}, step=1)
    (tmp_path / "metrics.csv").unlink()
    logger.log_metrics({"loss": 0.5}, step=2)
    assert rows(tmp_path / "metrics.csv") == [{"turn": "2", "loss": "0.5"}]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_device_that_is_full_costs_a_warning(tmp_path):
    logger = RunCSV(str(tmp_path / "metrics.csv"))
    logger.log_metrics({"loss": 1.0}, step=1)
    (tmp_path / "metrics.csv").unlink()
    (tmp_path / "metrics.csv").symlink_to("/dev/full")
    with pytest.warns(UserWarning, match=r"metrics\.csv can't be written \(No space left on device\)"):
        logger.log_metrics({"loss": 0.5}, step=2)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_tensorboard_on_a_full_disk_warns_once_and_the_run_ends(run_job, monkeypatch, recwarn):
    monkeypatch.setattr("tensorboard.summary.writer.record_writer.RecordWriter.write", raising)
    run = run_job("network=mlp", "turns=4", "logger=tensorboard")
    assert (run / "finished.json").exists()
    (sentence,) = told(recwarn, "TensorBoard")
    assert "No space left on device): the run goes on without it" in sentence


@pytest.mark.parametrize("error", [OSError("full"), ValueError("what no reader expects")])
def test_a_report_that_fails_leaves_the_run_as_it_is(run_job, monkeypatch, error):
    def failing(*_):
        raise error

    monkeypatch.setattr("gen_models.reports.summary.write_page", failing)
    with pytest.warns(UserWarning, match="report"):
        run = run_job("network=mlp", "turns=1")
    assert (run / "finished.json").exists()
