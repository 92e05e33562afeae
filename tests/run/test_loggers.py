"""Where figures go, also over restarts and sweeps."""

import json
import subprocess
import sys
import threading

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary.writer.record_writer import RecordWriter

from gen_models.run.loggers import RunCSV
from gen_models.run.quiet import quieten
from gen_models.run.tensorboard import RunTensorBoard
from tests.conftest import CONF
from tests.faults.patches import full_disk, wrapped
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


def test_a_disk_without_room_costs_the_row_and_not_the_file(tmp_path):
    """Half a row would be read as a whole one: a number may end anywhere."""
    logger = RunCSV(str(tmp_path / "metrics.csv"))
    logger.log_metrics({"loss": 1.0}, step=1)
    for limit, more in ((len("turn,loss\r\n1,1\r\n2,"), {}), (0, {"kid": 3.0})):
        with full_disk(limit)(), pytest.warns(UserWarning, match="no row of turn 2 .*the training goes on"):
            logger.log_metrics({"loss": 0.5, **more}, step=2)
    logger.log_metrics({"loss": 0.25}, step=3)
    assert rows(tmp_path / "metrics.csv") == [{"turn": "1", "loss": "1"}, {"turn": "3", "loss": "0.25"}]


def test_tensorboard_that_can_write_no_more_warns_once(tmp_path, monkeypatch):
    logger = RunTensorBoard(str(tmp_path), name="", version="")
    logger.log_metrics({"loss": 1.0}, step=1)
    monkeypatch.setattr(RecordWriter, "write", RecordWriter.write)  # to have it back
    wrapped("tensorboard.summary.writer.record_writer:RecordWriter.write", full_disk(0))
    monkeypatch.setattr("threading.excepthook", threading.excepthook)
    quieten()
    with pytest.warns(UserWarning, match="TensorBoard is told no more") as told:
        end(logger)
    assert len(told) == 1


def end(logger):
    for turn in range(3):
        logger.log_metrics({"loss": 1.0}, step=turn)
        logger.experiment.flush()
    logger.finalize("success")


def test_a_sweep_makes_separate_runs_each_with_its_own_wandb_run(tmp_path):
    options = "model=sngan,vae data=digits network=mlp seed=1,2 turns=4 log_every=2 metrics=none logger=wandb".split()
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


def test_tensorboard_is_shown_everything(run_job):
    run = run_job("model=draw", "turns=4", "logger=tensorboard", "callbacks.films.every=2")
    shown = EventAccumulator(str(run / "tensorboard")).Reload()
    assert [event.step for event in shown.Scalars("draw/rate")] == [2, 4]
    assert [event.value for event in shown.Scalars("images")] == [2 * 64, 4 * 64]
    tags = shown.Tags()
    assert {"samples", "reconstructions", "films", "latents"} <= set(tags["images"])
    assert {"histograms/values/data", "histograms/values/samples", "histograms/codes"} <= set(tags["histograms"])
    assert {"config/text_summary", "figures/text_summary"} <= set(tags["tensors"])
