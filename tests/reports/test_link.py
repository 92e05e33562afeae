"""What ranks wait for is calculated; what they send is counted."""

import json
import os
import subprocess
import sys

import pytest

from gen_models.reports.plan.link import Link
from gen_models.reports.plan.planned import planned
from tests.conftest import CONF

RANK = """
import json, os, sys
from pathlib import Path
from torch import distributed
from gen_models.core.engine import Engine
from gen_models.launch import main

sent = {"all_reduce": 0, "broadcast": 0}
turns = []

def counted(name):
    send = getattr(distributed, name)
    def wrapped(flat, *more, **options):
        sent[name] += flat.nbytes
        return send(flat, *more, **options)
    setattr(distributed, name, wrapped)

def training_step(self, *arguments, step=Engine.training_step):
    before = dict(sent)
    step(self, *arguments)
    turns.append({name: sent[name] - before[name] for name in sent})

counted("all_reduce")
counted("broadcast")
Engine.training_step = training_step
folder = Path(__file__).parent
main()
Path(folder, f"rank-{os.environ.get('LOCAL_RANK', 0)}.json").write_text(json.dumps(turns))
if distributed.is_initialized():
    distributed.destroy_process_group()  # gloo's threads abort a process that ends under them
"""


def test_a_ring_sends_twice_what_it_sums_and_nobody_waits_alone(compose_job):
    plan = planned(compose_job("model=wgan_gp", "network=mlp", "turns=100"))
    gradients = plan.exchange.gradients
    assert sorted(gradients.values()) == sorted(4 * count for count in plan.networks.values())
    assert plan.summed == gradients["critic"] + gradients["generator"] / 5
    assert Link(1).wait(plan) == 0
    assert Link(8, rate=2).wait(plan) == pytest.approx(1.75 * plan.summed / 2e9)
    assert Link(64, rate=4).wait(plan) < Link(64, rate=2).wait(plan)


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [2, 4])
def test_ranks_send_what_is_calculated(ranks, compose_job, tmp_path):
    average = "{_target_: gen_models.core.Averaging, networks: [generator], halflife: 100}"
    options = ["model=wgan_gp", "network=dcgan", "turns=5", "data.batch_size=8", f"model.average={average}"]
    plan = planned(compose_job(*options))
    (tmp_path / "rank.py").write_text(RANK)
    quiet = ["data=digits", f"run={tmp_path}/run", "metrics=none", "logger=csv", "callbacks=none", "log_every=1000"]
    command = [
        sys.executable,
        str(tmp_path / "rank.py"),
        *options,
        *quiet,
        "trainer=ddp_cpu",
        f"trainer.devices={ranks}",
    ]
    env = os.environ | {"PYTHONPATH": str(CONF.parent), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=tmp_path, env=env, check=True, timeout=300)
    counted = [json.loads((tmp_path / f"rank-{rank}.json").read_text()) for rank in range(ranks)]
    assert all(turns == counted[0] for turns in counted)
    assert sum(turn["all_reduce"] for turn in counted[0]) == plan.summed * 5
    assert [turn["broadcast"] for turn in counted[0]] == [plan.exchange.buffers] * 5
