"""A real Slurm of two nodes for these tests: on loopback, as root, without systemd, cgroups or accounting."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import CONF

ROOT = CONF.parent
TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol")
NODES = ("n1", "n2")
CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={state}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={state}/saved
SlurmdSpoolDir={state}/spool-%n
SlurmctldPidFile={state}/slurmctld.pid
SlurmdPidFile={state}/slurmd-%n.pid
SlurmctldLogFile={state}/slurmctld.log
SlurmdLogFile={state}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=60
MinJobAge=3600
SlurmdParameters=config_overrides
{nodes}
PartitionName=main Nodes=n[1-2] Default=YES State=UP PriorityTier=1 GraceTime=120
PartitionName=urgent Nodes=n[1-2] State=UP PriorityTier=9 PreemptMode=OFF
"""
# Without a database Slurm has no sacct, by which submitit finds out that a job was killed.
SACCT = """#!{python}
import re, subprocess, sys
print("JobID|State|NodeList")
for job in dict.fromkeys(sys.argv[i + 1] for i, word in enumerate(sys.argv) if word == "-j"):
    shown = subprocess.run(["scontrol", "-o", "show", "job", job], capture_output=True, text=True)
    for line in shown.stdout.splitlines():
        field = dict(re.findall(r"(\\w+)=(\\S*)", line))
        name = f"{{field['ArrayJobId']}}_{{field['ArrayTaskId']}}" if "ArrayJobId" in field else field["JobId"]
        print(f"{{name}}|{{field['JobState']}}|{{field['NodeList']}}")
"""


class Slurm:
    """The cluster, as seen from where jobs are submitted."""

    def __init__(self, state):
        self.state = state
        others = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
        self.environment = others | {
            "SLURM_CONF": str(state / "slurm.conf"),
            "PATH": f"{state}:{os.environ['PATH']}",
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "MASTER_ADDR": "127.0.0.1",  # the names of the nodes don't resolve
            "OMP_NUM_THREADS": "1",
        }

    def call(self, *command):
        done = subprocess.run(
            list(map(str, command)), cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=1800
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def begin(self, *command):
        log = (self.state / "begun.log").open("w")
        return subprocess.Popen(list(map(str, command)), cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def alive(self):
        return set(self.call("squeue", "--noheader", "--array", "--format=%i", "--states=PENDING,RUNNING").split())

    def until(self, found, count, seconds=120):
        end = time.monotonic() + seconds
        while len(things := found()) < count:
            assert time.monotonic() < end, things
            time.sleep(0.2)
        return things

    def submit(self, *command):
        log = f"--output={self.state}/job-%j.log"
        return self.call("sbatch", "--parsable", "--cpus-per-task=1", log, *command).strip()

    def field(self, job, name):
        fields = self.call("scontrol", "-o", "show", "job", job).split()
        return next(field.partition("=")[2] for field in fields if field.startswith(f"{name}="))

    def wait(self, job, condition=lambda state: state == "COMPLETED", seconds=1800):
        end = time.monotonic() + seconds
        while not condition(state := self.field(job, "JobState")):
            log = self.state / f"job-{job}.log"
            told = log.read_text() if log.exists() else ""
            assert state not in ("FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"), told
            assert time.monotonic() < end, told
            time.sleep(0.2)


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"no {missing[0]}: apt-get install --no-install-recommends slurm-wlm munge")
    if os.geteuid() != 0:
        pytest.skip("the daemons of a test cluster need root")
    cluster = Slurm(tmp_path_factory.mktemp("slurm"))
    try:
        start(cluster)
        yield cluster
        cluster.call("scancel", "--user=root")
        all_idle(cluster)  # a daemon that is stopped before its jobs have ended would wait for them for ever
    finally:
        for file in cluster.state.glob("*.pid"):
            os.kill(int(file.read_text()), signal.SIGTERM)


def start(cluster):
    state = cluster.state
    ports = free_ports(1 + len(NODES))
    host = socket.gethostname().split(".")[0]
    lines = "\n".join(
        f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=2 RealMemory=2000"
        for node, port in zip(NODES, ports[1:], strict=True)
    )
    (state / "slurm.conf").write_text(CONFIGURATION.format(state=state, host=host, port=ports[0], nodes=lines))
    (state / "sacct").write_text(SACCT.format(python=sys.executable))
    (state / "sacct").chmod(0o755)
    (state / "saved").mkdir()
    (state / "key").write_bytes(os.urandom(128))
    (state / "key").chmod(0o400)
    state.chmod(0o711)
    files = {"key-file": "key", "socket": "munge.socket", "pid-file": "munged.pid", "log-file": "munged.log"}
    cluster.call(
        "munged",
        "--force",
        *(f"--{option}={state / name}" for option, name in files.items()),
        f"--seed-file={state}/seed",
    )
    cluster.call("slurmctld", "-c")
    for node in NODES:
        cluster.call("slurmd", "-N", node, "-c")
    all_idle(cluster)


def all_idle(cluster):
    end = time.monotonic() + 60
    while cluster.call("sinfo", "-h", "-N", "-p", "main", "-o", "%T").split() != ["idle"] * len(NODES):
        assert time.monotonic() < end, Path(cluster.state, "slurmctld.log").read_text()
        time.sleep(0.1)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports
