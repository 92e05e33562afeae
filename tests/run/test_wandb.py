"""What a server is told, and what a run loses when there is none."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import wandb
from omegaconf import OmegaConf

import gen_models.run.wandb_logger as module
from gen_models.errors import UsageError
from gen_models.media.films import save_film
from gen_models.metrics.record import Record
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.loggers import finish, log_film, log_histograms, log_records
from gen_models.run.manifest import Score
from tests.conftest import CONF
from tests.run.wandb_server import Server

KID = Record(metric="KID", value=3.0, higher_is_better=False, error=0.1, real=0.0, untrained=9.0, protocol={"n": 10})


@pytest.fixture
def at(monkeypatch, tmp_path):
    """Make the logger of a run whose server is at a URL."""
    monkeypatch.delenv("WANDB_MODE")
    monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
    monkeypatch.setenv("WANDB_SILENT", "true")

    def logger(url, mode="online", **options):
        wandb.teardown()
        monkeypatch.setenv("WANDB_BASE_URL", url)
        options = {"project": "gen_models", "name": "sngan-digits", "mode": mode} | options
        return module.RunWandb(str(tmp_path), **options)

    yield logger
    wandb.teardown()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


def test_with_a_key_a_run_is_online_and_tells_its_group_tags_and_axes(at, server, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "sweeping", lambda: True)
    logger = at(server.url, mode="auto", study="losses", family="gen_models.families.gan.GAN", tags=("sngan", "digits"))
    logger.log_metrics({"critic/adversarial": 1.0, "images": 128.0}, 2)
    log_histograms(
        [logger], {"codes": torch.tensor([0.0, 1.0, 1.0, float("nan")]), "pixels": torch.tensor([float("nan")])}, 2
    )
    frames = [torch.full((3, 8, 8), shade, dtype=torch.uint8) for shade in (0, 255)]
    save_film(frames, tmp_path / "film.gif")
    log_film([logger], "films", frames[0], tmp_path / "film.gif", 2)
    log_records([logger], [KID])
    finish([logger])

    ((run, told),) = server.runs.items()
    assert (told[0]["groupName"], told[0]["displayName"]) == ("losses", "sngan-digits")
    assert told[0]["tags"] == ["gan", "sngan", "digits"]
    losses, histogram, film, table = server.history[run]
    assert (losses["trainer/global_step"], losses["images"], losses["critic/adversarial"]) == (2, 128, 1)
    assert losses["_runtime"] > 0
    assert sum(histogram["histograms/codes"]["values"]) == 3
    assert "histograms/pixels" not in histogram  # nothing finite
    assert (film["films"]["_type"], film["films"]["count"]) == ("videos", 1)
    assert table["figures"]["nrows"] == 1
    assert any(name.endswith(".gif") for name in server.files)


def test_a_group_of_one_s_own_comes_before_the_study(at, server):
    finish([at(server.url, study="losses", group="team")])
    ((_, told),) = server.runs.items()
    assert told[0]["groupName"] == "team"


def test_a_resumed_run_goes_on_as_the_same_one(at, server):
    for first in (1, 4):
        logger = at(server.url)
        for turn in range(first, first + 3):
            logger.log_metrics({"images": 64.0 * turn}, turn)
        finish([logger])
    (rows,) = server.history.values()
    assert [(row["_step"], row["images"]) for row in rows] == [(turn - 1, 64 * turn) for turn in range(1, 7)]


def test_the_best_checkpoint_is_kept_if_that_is_wished(at, server, tmp_path):
    store = Store(tmp_path / CHECKPOINTS)
    for turn, score in ((10, 1.0), (20, 2.0)):
        store.save(turn, {}, Score("kid", score, higher_is_better=False))
    for wished in (False, True):
        logger = at(server.url, artifact=wished)
        logger.finalize("success")
        finish([logger])
    (artifact,) = server.artifacts
    assert artifact["artifactTypeName"] == "model"
    assert "best" in [alias["alias"] for alias in artifact["aliases"]]
    assert '"turn":10' in artifact["metadata"].replace(" ", "")


def test_an_offline_run_is_sent_later_by_the_command_that_it_prints(at, server, capsys):
    logger = at(server.url, mode="offline")
    logger.log_metrics({"images": 64.0}, 1)
    finish([logger])
    assert not server.runs
    command = capsys.readouterr().out.rpartition("later with: ")[2]
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(command, shell=True, env=os.environ | path, check=True, timeout=120)
    ((row,),) = server.history.values()
    assert (row["trainer/global_step"], row["images"]) == (1, 64)


@pytest.mark.parametrize("silent", [False, True], ids=["nobody listens", "nobody answers"])
def test_without_a_server_a_run_starts_offline_at_once(at, silent, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(module, "PROBE", 1)
    listener = socket.create_server(("127.0.0.1", 0))
    if not silent:
        listener.close()
    begun = time.monotonic()
    logger = at(f"http://127.0.0.1:{listener.getsockname()[1] if silent else 9}")
    logger.log_metrics({"images": 64.0}, 1)
    finish([logger])
    assert time.monotonic() - begun < 15
    assert len(list((tmp_path / "wandb").glob("offline-run-*"))) == 1
    told = capsys.readouterr().out
    assert "continuing offline" in told
    assert f"wandb sync {tmp_path}/wandb/offline-*" in told


@pytest.mark.slow
def test_a_server_that_only_makes_excuses_costs_its_time(at, server, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "INIT", 1)
    server.down = True
    logger = at(server.url)
    logger.log_metrics({"images": 64.0}, 1)
    finish([logger])
    assert len(list((tmp_path / "wandb").glob("offline-run-*"))) == 1


@pytest.mark.slow
def test_a_server_that_goes_away_ends_nothing(at, server, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "FINISH", 1)
    monkeypatch.setattr("wandb.apis.public.Api._HTTP_TIMEOUT", 1)
    Store(tmp_path / CHECKPOINTS).save(1, {})
    logger = at(server.url, artifact=True)
    server.down = True
    logger.log_metrics({"images": 64.0}, 1)
    with pytest.warns(UserWarning, match="wandb does not take what it is sent"):
        logger.finalize("success")
    log_records([logger], [KID])
    finish([logger])


def test_a_run_that_an_agent_has_numbered_takes_its_number(monkeypatch, tmp_path):
    monkeypatch.setenv("WANDB_RUN_ID", "told")
    assert module._identity(str(tmp_path / "alone")) != "told"  # a number of a run that is over, say
    monkeypatch.setenv("WANDB_SWEEP_ID", "sweep")
    assert module._identity(str(tmp_path / "led")) == "told"
    monkeypatch.setenv("WANDB_RUN_ID", "next")
    assert module._identity(str(tmp_path / "led")) == "told"  # it goes on as the same


def test_a_sweep_that_wandb_leads_types_options_that_there_are(compose_job):
    sweep = OmegaConf.to_container(OmegaConf.load(CONF.parent / "examples" / "wandb_sweep.yaml"), resolve=False)
    assert sweep["program"] == "train.py"
    assert sweep["command"][-1] == "${args_no_hyphens}"
    fixed = [word for word in sweep["command"] if not word.startswith("$")]
    for end in ("min", "max"):
        typed = [f"{name}={given.get(end, given.get('values', [0])[0])}" for name, given in sweep["parameters"].items()]
        cfg = compose_job(*fixed, "metrics=lite0", *typed)
        assert cfg.model.optimizers.critic.lr == sweep["parameters"]["model.optimizers.critic.lr"][end]
    assert sweep["metric"] == {"name": "kid_efficientnet_lite0", "goal": "minimize"}


def test_no_checkpoint_is_sent_where_none_is_saved(run_job, tmp_path):
    with pytest.raises(UsageError, match=r"logger\.wandb\.artifact=true sends a checkpoint, and none is saved"):
        run_job("model=nice", "logger=wandb", "logger.wandb.artifact=true", "turns=1", "~callbacks.checkpoint")
    assert not (tmp_path / "run" / "metrics.csv").exists()
