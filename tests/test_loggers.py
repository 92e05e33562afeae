"""Where figures go, also over restarts and sweeps."""

import csv
import subprocess
import sys

from gen_models.loggers import RunCSV
from tests.conftest import CONF


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


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
